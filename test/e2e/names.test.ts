import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type ControlledPeer, startFedify } from './support/control-peer.ts'
import { findActor, mentionsOf, noteIn, receives } from './support/fediverse.ts'
import { describeWith } from './support/peers.ts'
import { follow, ghostId, idOf, openProfile, portalAlias, shown } from './support/scene.ts'
import { type Snac, type SnacUser, startSnac } from './support/snac.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR4nGM4wcWFFTEMLQkArYM3AbaRByUAAAAASUVORK5CYII=',
  'base64',
)

describeWith(['synapse', 'snac', 'fedify'], 'names, mentions and likes', () => {
  let stack: Stack
  let snac: Snac
  let fedify: ControlledPeer
  let alice: Guest
  let anna: SnacUser
  let annas: string
  let carols: string
  let profile: string
  let aliceId: string

  beforeAll(async () => {
    ;[stack, snac, fedify] = await Promise.all([
      startStack(),
      startSnac({ users: ['anna', 'ada', 'amy'] }),
      startFedify({ accounts: ['carol', 'chloe'], cavageFirst: true }),
    ])
    anna = snac.user('anna')
    alice = await stack.meet('alice')
    annas = await follow(alice, anna)
    carols = await follow(alice, fedify.account('carol'))
    profile = await openProfile(alice)
    aliceId = await findActor(stack.publicUrl, alice.handle)
    await fedify.follow('carol', aliceId)
    await waitUntil('carol follows', async () => (await fedify.following('carol')).length === 1)
  })
  afterAll(() => stack.stop())

  const reads = (text: string, room: string) => shown(alice.client, room, text)
  const stateOf = async (room: string, type: string) =>
    (await alice.client.state(room, type)) as Readonly<Record<string, unknown>> | undefined

  describe('mentions', () => {
    test('by pill and by typed handle reach the accounts that they name', async () => {
      const [carol, chloe] = [fedify.account('carol'), fedify.account('chloe')]
      const pill = `https://matrix.to/#/${encodeURIComponent(ghostId(carol.handle))}`
      await alice.client.send(profile, {
        msgtype: 'm.text',
        body: `carol: meet ${chloe.handle} @room`,
        format: 'org.matrix.custom.html',
        formatted_body: `<a href="${pill}">carol</a>: meet ${chloe.handle} @room`,
        'm.mentions': { user_ids: [ghostId(carol.handle)] },
      })
      const note = noteIn(await receives(fedify, 'Create', 'meet'))
      expect([...mentionsOf(note)].sort()).toEqual([carol.id, chloe.id].sort())
      expect([note.cc].flat()).toEqual(expect.arrayContaining([carol.id, chloe.id]))
      expect(note.content).toContain(`href="${chloe.id}"`)
    })

    test('from the fediverse are pills, and ping those who are in the room and nobody else', async () => {
      const bob = await stack.meet('bob')
      await bob.command('register')
      const bobId = await findActor(stack.publicUrl, bob.handle)
      await fedify.post('carol', {
        content: `<p><a href="${aliceId}" class="u-url mention">@alice</a> and <a href="${bobId}" class="u-url mention">@bob</a>, hear this @room</p>`,
        mentions: [aliceId, bobId],
      })
      const message = await reads('hear this', carols)
      expect(message.content['m.mentions']).toEqual({ user_ids: [alice.client.userId] })
      const pill = `<a href="https://matrix.to/#/${encodeURIComponent(alice.client.userId)}">`
      expect(message.content['formatted_body']).toContain(pill)
    })
  })

  describe('likes', () => {
    test('and their end are told to the author of a post', async () => {
      const post = await fedify.post('carol', { content: 'carol would be liked' })
      const event = idOf(await reads('carol would be liked', carols))
      const reaction = await alice.client.react(carols, event, '👍')
      const like = await receives(fedify, 'Like', post.object)
      expect(like).toMatchObject({ actor: aliceId, object: post.object })
      await alice.client.redact(carols, reaction)
      const undo = await receives(fedify, 'Undo', post.object)
      expect(undo.object).toMatchObject({ id: like.id, type: 'Like' })
    })

    test('reach snac by a heart', async () => {
      await anna.note('anna would be liked')
      const event = idOf(await reads('anna would be liked', annas))
      const reaction = await alice.client.react(annas, event, '❤️')
      const liked = async () =>
        (await anna.timeline()).find(({ content }) => content.includes('would be liked'))
          ?.favourites_count
      await waitUntil('one like', async () => (await liked()) === 1)
      await alice.client.redact(annas, reaction)
      await waitUntil('no like', async () => (await liked()) === 0)
    })
  })

  describe('third-party lookups', () => {
    type Found = readonly Readonly<Record<'userid' | 'alias' | 'protocol', string>>[]
    const look = (path: string) => alice.client.request<Found>('GET', `v3/thirdparty/${path}`)

    test('of a client without our bot find accounts, known or not, and the room that they have', async () => {
      const protocols = await alice.client.request('GET', 'v3/thirdparty/protocols')
      expect(protocols).toMatchObject({ activitypub: { user_fields: ['handle'] } })
      for (const { handle } of [anna, snac.user('amy')]) {
        const fields = { handle: expect.stringMatching(/^@/), id: expect.stringMatching(/^http/) }
        const shape = { protocol: 'activitypub', fields }
        const asked = `activitypub?handle=${encodeURIComponent(handle)}`
        expect(await look(`user/${asked}`)).toEqual([{ userid: ghostId(handle), ...shape }])
        expect(await look(`location/${asked}`)).toEqual([{ alias: portalAlias(handle), ...shape }])
      }
    })
  })

  test('a program of a user follows for them by a token of the homeserver', async () => {
    const { client, handle } = alice
    const path = `v3/user/${encodeURIComponent(client.userId)}/openid/request_token`
    const { access_token } = await client.request<{ access_token: string }>('POST', path, {})
    const ask = async (what: string, body?: object) => {
      const response = await fetch(`${stack.publicUrl}/provisioning/v1/${what}`, {
        headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      })
      return { status: response.status, body: await response.json() }
    }
    expect(await ask('whoami')).toEqual({ status: 200, body: { userId: client.userId, handle } })
    const chloe = fedify.account('chloe')
    expect(await ask('follow', { account: chloe.handle })).toMatchObject({ status: 200 })
    const isFollowing = async () => JSON.stringify((await ask('following')).body)
    await waitUntil('the follow', async () =>
      (await isFollowing()).includes(
        JSON.stringify({ handle: chloe.handle, state: 'accepted', shownIn: 'room' }),
      ),
    )
    expect(await ask('unfollow', { account: chloe.handle })).toMatchObject({ status: 200 })
    expect(await isFollowing()).not.toContain(chloe.handle)
    const forged = await fetch(`${stack.publicUrl}/provisioning/v1/whoami`, {
      headers: { authorization: 'Bearer made-up' },
    })
    expect(forged.status).toBe(401)
  })

  describe('names', () => {
    test('of accounts, with their pictures, change here when they change there', async () => {
      await anna.changeProfile({ name: 'Anna of snac', avatar: picture })
      const ghost = ghostId(anna.handle)
      await waitUntil(
        'the name of the room',
        async () => (await stateOf(annas, 'm.room.name'))?.['name'] === 'Anna of snac',
      )
      await waitUntil('the picture of the room', async () =>
        String((await stateOf(annas, 'm.room.avatar'))?.['url']).startsWith('mxc://'),
      )
      const shape = { displayname: 'Anna of snac', avatar_url: expect.stringMatching(/^mxc:/) }
      expect(await alice.client.profile(ghost)).toMatchObject(shape)

      await fedify.rename('carol', 'Carol the second')
      await waitUntil(
        'the name of the other room',
        async () => (await stateOf(carols, 'm.room.name'))?.['name'] === 'Carol the second',
      )
    })

    test('of users change there when they change here, but not a nick of one room', async () => {
      const { client } = alice
      const me = encodeURIComponent(client.userId)
      const own = await client.state(carols, ['m.room.member', client.userId])
      await client.setState(carols, ['m.room.member', client.userId], {
        ...(own as object),
        displayname: 'Only here',
      })
      await client.request('PUT', `v3/profile/${me}/displayname`, { displayname: 'Alice A.' })
      const update = await receives(fedify, 'Update', 'Alice A.')
      expect(update.object).toMatchObject({ id: aliceId, type: 'Person', name: 'Alice A.' })

      const avatar_url = await client.upload(picture, 'image/png', 'alice.png')
      await client.request('PUT', `v3/profile/${me}/avatar_url`, { avatar_url })
      const { object } = await receives(fedify, 'Update', '/avatar')
      const { icon } = object as { icon: { url: string } }
      const image = await fetch(icon.url)
      expect(image.headers.get('content-type')).toBe('image/png')
      expect(Buffer.from(await image.arrayBuffer())).toEqual(picture)
      expect(JSON.stringify(await fedify.received())).not.toContain('Only here')
    })

    test('come with what people say about themselves', async () => {
      await anna.changeProfile({ name: 'Anna', bio: 'I live on snac' })
      const bioOf = async () =>
        JSON.stringify((await alice.client.profile(ghostId(anna.handle)))['gay.fomx.biography'])
      await waitUntil('the text of the ghost', async () =>
        (await bioOf()).includes('I live on snac'),
      )
      const topic = async () => String((await stateOf(annas, 'm.room.topic'))?.['topic'])
      await waitUntil('the topic', async () => (await topic()).includes('· I live on snac ·'))

      const me = encodeURIComponent(alice.client.userId)
      const bio = { 'm.text': [{ body: '<b>I live on Matrix</b>', mimetype: 'text/html' }] }
      const field = 'gay.fomx.biography'
      await alice.client.request('PUT', `v3/profile/${me}/${field}`, { [field]: bio })
      await alice.client.request('PUT', `v3/profile/${me}/displayname`, { displayname: 'Alice B.' })
      const update = await receives(fedify, 'Update', 'Alice B.')
      expect(update.object).toMatchObject({ summary: '<p><b>I live on Matrix</b></p>' })
      const room = async () => (await stateOf(profile, 'm.room.name'))?.['name']
      await waitUntil('the room', async () => (await room()) === 'Alice B. on the fediverse')
    })

    test('and a picture that a ghost has already stand in its new room', async () => {
      const ada = snac.user('ada')
      await ada.changeProfile({ avatar: picture })
      const ghost = ghostId(ada.handle)
      await alice.client.createRoom({ is_direct: true, invite: [ghost] })
      const profileOf = async () => (await alice.client.profile(ghost))['avatar_url']
      const url = await waitUntil('the picture of the ghost', profileOf)
      const room = await follow(alice, ada)
      await waitUntil(
        'the picture of the room',
        async () => (await stateOf(room, 'm.room.avatar'))?.['url'] === url,
      )
    })
  })
})
