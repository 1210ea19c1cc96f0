import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type Listener, startListener } from './support/listener.ts'
import type { MatrixClient } from './support/matrix-client.ts'
import { describeWith } from './support/peers.ts'
import { makeFolder } from './support/process.ts'
import type { Homeserver } from './support/homeserver.ts'
import { startSynapse } from './support/synapse.ts'
import { waitUntil } from './support/wait.ts'

describeWith(['synapse'], 'the homeserver of the end-to-end tests', () => {
  let listener: Listener
  let synapse: Homeserver
  let alice: MatrixClient
  let bob: MatrixClient
  let roomId: string

  beforeAll(async () => {
    listener = await startListener()
    const registrationFile = path.join(await makeFolder('registration'), 'registration.yaml')
    const registration = {
      id: 'listener',
      url: listener.url,
      as_token: 'as-token',
      hs_token: 'hs-token',
      sender_localpart: '_listener',
      namespaces: { users: [{ exclusive: false, regex: '@.*' }], rooms: [], aliases: [] },
    }
    await writeFile(registrationFile, JSON.stringify(registration))
    synapse = await startSynapse({ registrationFile })
    alice = await synapse.register('alice')
    bob = await synapse.register('bob')
  })
  afterAll(() => listener.stop())

  const transactions = () =>
    listener.requests
      .filter(({ path }) => path.startsWith('/_matrix/app/v1/transactions/'))
      .flatMap(({ body }) => (body as { events: { event_id: string }[] }).events)
  const arrives = (eventId: string) =>
    waitUntil(`a transaction with ${eventId}`, () =>
      transactions().some((event) => event.event_id === eventId),
    )

  test('pushes events to the registered application service', async () => {
    roomId = await alice.createRoom({ preset: 'private_chat', invite: [bob.userId] })
    expect(await bob.waitForInvite(alice.userId)).toBe(roomId)
    await bob.join(roomId)
    const eventId = await alice.text(roomId, 'hello')
    await arrives(eventId)
    const seen = await bob.waitFor((event) => event.event_id === eventId)
    expect(seen).toMatchObject({
      room_id: roomId,
      type: 'm.room.message',
      sender: alice.userId,
      content: { msgtype: 'm.text', body: 'hello' },
    })
  })

  test('carries threads, edits, reactions, redactions and memberships', async () => {
    const root = await alice.text(roomId, 'root')
    const reply = await bob.threadReply(roomId, root, 'reply')
    const edit = await bob.edit(roomId, reply, 'better reply')
    const reaction = await alice.react(roomId, reply, '👍')
    const redaction = await alice.redact(roomId, reaction)
    await bob.waitFor(({ event_id }) => event_id === redaction)
    const ids = (await bob.messages(roomId)).map(({ event_id }) => event_id)
    expect(ids.slice(ids.indexOf(root))).toEqual([root, reply, edit, reaction, redaction])
    expect(await alice.members(roomId)).toEqual(
      new Map([
        [alice.userId, 'join'],
        [bob.userId, 'join'],
      ]),
    )
  })

  test('has the same data and address after it was killed', async () => {
    await synapse.kill()
    await synapse.start()
    const eventId = await bob.text(roomId, 'back again')
    await alice.waitFor(({ event_id }) => event_id === eventId)
    await arrives(eventId)
    expect(await alice.profile(bob.userId)).toMatchObject({ displayname: 'bob' })
  })
})
