import { describe, expect, test } from '@jest/globals'

import {
  actorAt,
  ap,
  bob,
  bobAt,
  discover,
  finger,
  jrd,
  split,
  straight,
  summary,
  toHandle,
} from './fingers.ts'
import { actorDocument, type Page } from './web.ts'

describe('a URL', () => {
  const page = 'https://social.test/@bob'
  const html: Page = { json: '<html>', type: 'text/html' }
  test.each<readonly [string, string, Record<string, Page>, unknown]>([
    ['of an actor', bob, straight, `bob@social.test ${bob}`],
    [
      'of a profile that answers ActivityPub',
      page,
      { ...straight, [page]: { json: actorDocument(bob) } },
      `bob@social.test ${bob}`,
    ],
    ['of a profile in HTML only', page, { ...straight, [page]: html }, `bob@social.test ${bob}`],
    [
      'of a page that WebFinger knows',
      'https://social.test/blog',
      {
        ...straight,
        'https://social.test/blog': html,
        ...finger('social.test', 'https://social.test/blog', jrd('acct:bob@social.test', bob)),
      },
      `bob@social.test ${bob}`,
    ],
    [
      "of a stranger's view",
      'https://other.test/@bob@social.test',
      straight,
      `bob@social.test ${bob}`,
    ],
    [
      'of nothing',
      'https://social.test/none',
      straight,
      {
        name: 'RejectedError',
        code: 'not-found',
        tell: 'social.test says that this does not exist.',
      },
    ],
    [
      'of a post',
      'https://social.test/1',
      { 'https://social.test/1': { json: { id: 'https://social.test/1', type: 'Note' } } },
      {
        name: 'RejectedError',
        code: 'not-activitypub',
        tell: 'https://social.test/1 answers no fediverse lookup. If you have a profile link, try `follow https://…`.',
      },
    ],
    [
      'of no kind',
      'javascript:alert(1)',
      {},
      {
        name: 'RejectedError',
        code: 'not-found',
        tell: 'That is no web address. Give a handle like @user@host or a profile link.',
      },
    ],
  ])('%s', async (...[, url, pages, expected]) => {
    expect(await summary(discover(pages).lookup({ url }))).toEqual(expected)
  })
})

describe('an actor fetched by id', () => {
  test.each<readonly [string, string, Record<string, Page>, unknown]>([
    ['has the handle of its own host', bob, straight, `bob@social.test ${bob}`],
    ['has the handle of a split domain', ap, split, `bob@handle.test ${ap}`],
    [
      'has the handle that it claims and its host confirms',
      ap,
      { ...bobAt('handle.test', toHandle), ...actorAt(ap, { webfinger: 'bob@handle.test' }) },
      `bob@handle.test ${ap}`,
    ],
    ['without WebFinger has that of its id', bob, actorAt(bob), `bob@social.test ${bob}`],
    [
      "has no stranger's handle",
      'https://evil.test/bob',
      { ...straight, ...actorAt('https://evil.test/bob', { webfinger: 'bob@social.test' }) },
      'bob@evil.test https://evil.test/bob',
    ],
    [
      'has no handle that only its own host gives it',
      'https://evil.test/bob',
      {
        ...straight,
        ...actorAt('https://evil.test/bob'),
        ...bobAt('evil.test', jrd('acct:bob@social.test', 'https://evil.test/bob')),
      },
      'bob@evil.test https://evil.test/bob',
    ],
    [
      'waits while its handle cannot be asked for',
      bob,
      { ...straight, ...bobAt('social.test', { status: 503 }) },
      { name: 'TransientError' },
    ],
    [
      'must be that id',
      'https://social.test/@bob',
      { ...straight, 'https://social.test/@bob': { json: actorDocument(bob) } },
      { name: 'RejectedError', code: 'hostile' },
    ],
  ])('%s', async (...[, id, pages, expected]) => {
    expect(await summary(discover(pages).fetchActor(id))).toEqual(expected)
  })

  test('that names its own host needs no WebFinger', async () => {
    const { fetchActor, web } = discover(actorAt(bob, { webfinger: 'bob@social.test' }))
    await fetchActor(bob)
    expect(web.asked()).toEqual([bob])
  })
})
