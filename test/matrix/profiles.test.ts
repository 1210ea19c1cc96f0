import { describe, expect, test } from '@jest/globals'
import { asMxc } from '../../src/model/ids.ts'
import { bob, setUp } from './setup.ts'

const header = asMxc('mxc://hs.test/header')
const bio = { body: 'I am Bob', html: '<p>I am <b>Bob</b></p>' }
const alice = '@alice:hs.test' as typeof bob

describe('what a profile says beside name and picture', () => {
  test('is written as clients read it, and goes', async () => {
    const { hs, client } = setUp()
    await client.register(bob)
    await client.setFurtherProfile(bob, { bio, header })
    expect(hs.fields(bob)).toEqual({
      'gay.fomx.biography': {
        'm.text': [{ body: bio.html, mimetype: 'text/html' }, { body: bio.body }],
      },
      'chat.commet.profile_banner': header,
    })
    const displayName = '_ap_bob_fedi.test'
    expect(await client.profile(bob)).toEqual({ displayName, bio, header })
    await client.setFurtherProfile(bob, { bio: { body: 'plain' } })
    expect(await client.profile(bob)).toEqual({ displayName, bio: { body: 'plain' } })
  })

  test('is not written where the homeserver has no room for it', async () => {
    const { hs, client } = setUp()
    hs.setHasFields(false)
    await client.register(bob)
    await client.setFurtherProfile(bob, { bio, header })
    await client.setFurtherProfile(bob, { bio })
    expect(hs.calls.filter((call) => call.includes('capabilities'))).toHaveLength(1)
    expect(hs.fields(bob)).toEqual({})
  })

  test.each<[string, Readonly<Record<string, unknown>>, unknown]>([
    ['by the names of the proposals', { 'm.banner_url': header }, { header }],
    ['of plain text', { 'm.biography': { 'm.text': [{ body: 'Hi' }] } }, { bio: { body: 'Hi' } }],
    [
      'of HTML alone',
      { 'm.biography': { 'm.text': [{ body: '<b>Hi</b>', mimetype: 'text/html' }] } },
      { bio: { body: '', html: '<b>Hi</b>' } },
    ],
    [
      'that is no text or picture',
      {
        'm.banner_url': 'https://a.test/b.png',
        'm.biography': { 'm.text': [null, { body: 5 }, { body: 'x'.repeat(30_000) }] },
        'gay.fomx.biography': 'Hi',
      },
      {},
    ],
  ])('is read %s', async (_, fields, profile) => {
    const { hs, client } = setUp()
    hs.addUser(alice).setFields(fields)
    expect(await client.profile(alice)).toEqual(profile)
  })
})

test('a picture can be taken away', async () => {
  const { client } = setUp()
  await client.register(bob)
  await client.setAvatar(bob, header)
  await client.setAvatar(bob, undefined)
  expect(await client.profile(bob)).not.toHaveProperty('avatar')
})
