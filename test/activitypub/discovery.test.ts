import { describe, expect, test } from '@jest/globals'

import {
  actorAt,
  ap,
  bob,
  bobAt,
  discover,
  finger,
  handle,
  jrd,
  json,
  ld,
  split,
  straight,
  summary,
  toHandle,
} from './fingers.ts'
import { actorDocument, failureOf, type Page } from './web.ts'
import { TransientError } from '../../src/model/errors.ts'

describe('a handle is found', () => {
  test.each<readonly [string, string, Record<string, Page>, string]>([
    ['on its own host', 'bob@social.test', straight, `bob@social.test ${bob}`],
    [
      'written in another case',
      'BOB@Social.TEST',
      {
        ...straight,
        ...finger('social.test', 'acct:BOB@social.test', jrd('acct:bob@social.test', bob)),
      },
      `bob@social.test ${bob}`,
    ],
    [
      'by the other self type',
      'bob@social.test',
      {
        ...straight,
        ...bobAt('social.test', {
          json: { subject: 'acct:bob@social.test', links: [{ rel: 'self', type: ld, href: bob }] },
        }),
      },
      `bob@social.test ${bob}`,
    ],
    [
      'on a split domain, asked for by its handle',
      'bob@handle.test',
      split,
      `bob@handle.test ${ap}`,
    ],
    [
      "on a split domain, asked for by the actor's host",
      'bob@ap.test',
      split,
      `bob@handle.test ${ap}`,
    ],
    [
      'on a split domain that redirects',
      'bob@handle.test',
      {
        ...split,
        ...bobAt('handle.test', {
          status: 301,
          headers: {
            location: 'https://ap.test/.well-known/webfinger?resource=acct%3Abob%40ap.test',
          },
        }),
      },
      `bob@handle.test ${ap}`,
    ],
    [
      'whose actor names it (FEP-2c59)',
      'bob@handle.test',
      { ...bobAt('handle.test', toHandle), ...actorAt(ap, { webfinger: 'bob@handle.test' }) },
      `bob@handle.test ${ap}`,
    ],
    [
      'on an international host',
      'bob@bücher.test',
      {
        ...bobAt(
          'xn--bcher-kva.test',
          jrd('acct:bob@bücher.test', 'https://xn--bcher-kva.test/bob'),
        ),
        ...actorAt('https://xn--bcher-kva.test/bob'),
      },
      'bob@xn--bcher-kva.test https://xn--bcher-kva.test/bob',
    ],
    [
      'on a host with a port',
      'bob@social.test:8443',
      {
        ...bobAt(
          'social.test:8443',
          jrd('acct:bob@social.test:8443', 'https://social.test:8443/bob'),
        ),
        ...actorAt('https://social.test:8443/bob'),
      },
      'bob@social.test:8443 https://social.test:8443/bob',
    ],
    [
      'among two of one name',
      'bob@social.test',
      {
        ...bobAt('social.test', {
          json: {
            subject: 'acct:bob@social.test',
            links: [
              { rel: 'self', type: 'text/html', href: 'https://social.test/@bob' },
              { rel: 'self', type: json, href: bob },
              { rel: 'self', type: json, href: 'https://social.test/c/bob' },
            ],
          },
        }),
        ...actorAt(bob),
      },
      `bob@social.test ${bob}`,
    ],
    [
      'by host-meta where there is no WebFinger',
      'bob@social.test',
      {
        ...actorAt(bob),
        'https://social.test/.well-known/host-meta': {
          type: 'application/xrd+xml',
          body: Buffer.from(
            '<?xml version="1.0"?><XRD><Link rel="other" template="x{uri}"/><Link rel="lrdd" type="application/xrd+xml" template="https://wf.test/find?a=1&amp;r={uri}"/></XRD>',
          ),
        },
        'https://wf.test/find?a=1&r=acct%3Abob%40social.test': jrd('acct:bob@social.test', bob),
      },
      `bob@social.test ${bob}`,
    ],
  ])('%s', async (...[, asked, pages, expected]) => {
    expect(await summary(discover(pages).lookup(handle(asked)))).toBe(expected)
  })

  test('over http where that is allowed, with the port', async () => {
    const id = 'http://fedi.test:8080/bob'
    const pages = {
      'http://fedi.test:8080/.well-known/webfinger?resource=acct%3Abob%40fedi.test%3A8080': jrd(
        'acct:bob@fedi.test:8080',
        id,
      ),
      ...actorAt(id),
    }
    for (const allowed of ['fedi.test', 'fedi.test:8080']) {
      const { lookup } = discover(pages, [allowed])
      expect(await summary(lookup(handle('bob@fedi.test:8080')))).toBe(`bob@fedi.test:8080 ${id}`)
    }
  })
})

describe('a handle is refused', () => {
  const victim = 'https://victim.test/users/bob'
  const atVictim = {
    ...bobAt('victim.test', jrd('acct:bob@victim.test', victim)),
    ...actorAt(victim),
  }
  const useless = (name: string) => ({
    name: 'RejectedError',
    code: 'hostile',
    tell: `I cannot use ${name}: the account it leads to does not go by that name.`,
  })
  const noLookup = {
    name: 'RejectedError',
    code: 'not-activitypub',
    tell: 'bob@social.test answers no fediverse lookup. If you have a profile link, try `follow https://…`.',
  }
  const nodeinfo = { 'https://social.test/.well-known/nodeinfo': { json: { links: [] } } }
  test.each<readonly [string, string, Record<string, Page>, unknown]>([
    [
      'unknown account',
      'bob@social.test',
      nodeinfo,
      {
        name: 'RejectedError',
        code: 'not-found',
        tell: 'I cannot find @bob@social.test: social.test says there is no such account.',
      },
    ],
    [
      'deleted account',
      'bob@social.test',
      bobAt('social.test', { status: 410 }),
      {
        name: 'RejectedError',
        code: 'gone',
        tell: '@bob@social.test is gone: social.test says the account was deleted.',
      },
    ],
    ['mail address', 'bob@social.test', { 'https://social.test/': { status: 200 } }, noLookup],
    ['HTML', 'bob@social.test', bobAt('social.test', { json: '<html>' }), noLookup],
    [
      'forbidden, without a second try',
      'bob@social.test',
      bobAt('social.test', { status: 403 }),
      noLookup,
    ],
    ['no subject', 'bob@social.test', bobAt('social.test', jrd(undefined, bob)), noLookup],
    [
      'half a character in its subject',
      'bob@social.test',
      bobAt('social.test', jrd('acct:b\ud800@social.test', bob)),
      noLookup,
    ],
    [
      'no self link',
      'bob@social.test',
      bobAt('social.test', jrd('acct:bob@social.test', undefined)),
      noLookup,
    ],
    [
      'self of another scheme',
      'bob@social.test',
      bobAt('social.test', jrd('acct:bob@social.test', 'javascript:alert(1)')),
      noLookup,
    ],
    [
      'self with a charset',
      'bob@social.test',
      bobAt('social.test', {
        json: {
          subject: 'acct:bob@social.test',
          links: [{ rel: 'self', type: `${json}; charset=utf-8`, href: bob }],
        },
      }),
      noLookup,
    ],
    [
      'deep JSON',
      'bob@social.test',
      bobAt('social.test', { json: '['.repeat(50) + ']'.repeat(50) }),
      noLookup,
    ],
    [
      'no such server',
      'bob@socail.test',
      {},
      {
        name: 'RejectedError',
        code: 'not-found',
        tell: 'There is no server named socail.test. Check the spelling.',
      },
    ],
    [
      'no host',
      'bob@',
      {},
      {
        name: 'RejectedError',
        code: 'not-found',
        tell: '@bob@ is no fediverse address. They look like @user@host.',
      },
    ],
    [
      'path as host',
      'bob@social.test/x',
      {},
      {
        name: 'RejectedError',
        code: 'not-found',
        tell: '@bob@social.test/x is no fediverse address. They look like @user@host.',
      },
    ],
    [
      'server away',
      'bob@social.test',
      bobAt('social.test', { status: 502 }),
      { name: 'TransientError' },
    ],
    [
      'server silent',
      'bob@social.test',
      bobAt('social.test', new TransientError('timed out')),
      { name: 'TransientError' },
    ],
    [
      'own name for a stranger',
      'bob@evil.test',
      { ...atVictim, ...bobAt('evil.test', jrd('acct:bob@evil.test', victim)) },
      useless('@bob@evil.test'),
    ],
    [
      'own name for a stranger who has no WebFinger',
      'bob@evil.test',
      { ...actorAt(victim), ...bobAt('evil.test', jrd('acct:bob@evil.test', victim)) },
      useless('@bob@evil.test'),
    ],
    [
      "stranger's name for an own actor",
      'bob@evil.test',
      {
        ...atVictim,
        ...bobAt('evil.test', jrd('acct:bob@victim.test', 'https://evil.test/bob')),
        ...actorAt('https://evil.test/bob'),
      },
      useless('@bob@evil.test'),
    ],
    [
      'two hops of subjects',
      'bob@a.test',
      {
        ...bobAt('a.test', jrd('acct:bob@b.test', bob)),
        ...bobAt('b.test', jrd('acct:bob@c.test', bob)),
        ...actorAt(bob),
      },
      useless('@bob@a.test'),
    ],
    [
      'id spelt otherwise',
      'bob@social.test',
      {
        ...straight,
        ...bobAt('social.test', jrd('acct:bob@social.test', 'https://social.test/Users/bob')),
        'https://social.test/Users/bob': { json: actorDocument(bob) },
      },
      useless('@bob@social.test'),
    ],
    [
      'another account of the host',
      'eve@social.test',
      {
        ...straight,
        ...finger('social.test', 'acct:eve@social.test', jrd('acct:eve@social.test', bob)),
      },
      useless('@eve@social.test'),
    ],
  ])('%s', async (...[, asked, pages, expected]) => {
    expect(await failureOf(discover(pages).lookup(handle(asked)))).toEqual(expected)
  })

  test('is not asked for where host-meta leads to no address', async () => {
    const body = Buffer.from('<XRD><Link rel="lrdd" template="https://fir={uri}"/></XRD>')
    const pages = { 'https://social.test/.well-known/host-meta': { body } }
    expect(await failureOf(discover(pages).lookup(handle('bob@social.test')))).toEqual(noLookup)
  })

  test('is not asked for again where host-meta leads back to the same WebFinger', async () => {
    const template = 'https://social.test:8080/.well-known/webfinger?resource={uri}'
    const body = Buffer.from(`<XRD><Link rel="lrdd" template="${template}"/></XRD>`)
    const pages = { 'http://social.test:8080/.well-known/host-meta': { body } }
    const { lookup, web } = discover(pages, ['social.test:8080'])
    expect(await failureOf(lookup(handle('bob@social.test:8080')))).toMatchObject({
      tell: 'I cannot find @bob@social.test:8080: social.test:8080 says there is no such account.',
    })
    expect(web.asked().length).toBe(2)
  })

  test('after a 403 nothing else is tried', async () => {
    const { lookup, web } = discover(bobAt('social.test', { status: 403 }))
    await failureOf(lookup(handle('bob@social.test')))
    expect(web.asked().length).toBe(1)
  })
})
