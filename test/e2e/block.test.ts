import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type ControlledPeer, startFedify } from './support/control-peer.ts'
import { findActor, ghostOf, listed, noteIn, received, receives } from './support/fediverse.ts'
import { describeWith } from './support/peers.ts'
import { bodiesIn, bodyOf, relationOf, shown } from './support/scene.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

describeWith(['synapse', 'fedify'], 'a block inside a private chat', () => {
  let stack: Stack
  let fedify: ControlledPeer
  let alice: Guest
  let me: string
  let room: string
  let block: { readonly activity: string }
  let onItsWay: string
  let delivery: string

  beforeAll(async () => {
    ;[fedify, stack] = await Promise.all([
      startFedify({ accounts: ['carol', 'dina'] }),
      startStack(),
    ])
    alice = await stack.meet('alice')
    await alice.command('register')
    me = await findActor(stack.publicUrl, alice.handle)
    room = await chatWith('carol')
    await alice.client.text(room, 'good morning')
    await receives(fedify, 'Create', 'good morning')
    await write('carol', 'good morning to you')
    await shown(alice.client, room, 'good morning to you')
  })
  afterAll(async () => {
    if (process.env['SHOW'] !== undefined) process.stdout.write(stack.bridge.output())
    await Promise.all([stack.stop(), fedify.stop()])
  })

  const chatWith = (...names: readonly string[]): Promise<string> =>
    alice.client.createRoom({
      is_direct: true,
      preset: 'trusted_private_chat',
      invite: names.map((name) => ghostOf(fedify.account(name))),
    })
  const write = (as: string, content: string, ...others: readonly string[]) => {
    const mentions = [me, ...others.map((name) => fedify.account(name).id)]
    return fedify.post(as, { content, visibility: 'direct', mentions })
  }
  /** How a job ended, once it has. */
  const done = (key: string, timeout?: number): Promise<string> =>
    waitUntil(
      `the end of ${key}`,
      () => {
        const ends = stack.bridge.log().filter((line) => line['key'] === key)
        const outcome = ends.at(-1)?.['outcome']
        return typeof outcome === 'string' && outcome !== 'retry' && outcome
      },
      timeout,
    )

  test('a message is on its way when the block comes', async () => {
    await fedify.failInbox(true)
    onItsWay = await alice.client.text(room, 'on its way')
    const { activity } = await waitUntil('a failed try', async () =>
      (await fedify.received()).find(
        (one) => one.status === 500 && JSON.stringify(one.activity.object).includes('on its way'),
      ),
    )
    delivery = `${activity.id} ${fedify.account('carol').inbox}`
    block = await fedify.block('carol', me)
    expect(await done(block.activity)).toBe('done')
    await fedify.failInbox(false)
  })

  test('nothing goes out any more: the writer reads that she is blocked', async () => {
    const event = await alice.client.text(room, 'are you there?')
    const notice = await shown(alice.client, room, 'Not sent')
    expect(bodyOf(notice)).toContain(`${fedify.account('carol').handle} has blocked you`)
    expect(relationOf(notice)?.['m.in_reply_to']?.event_id).toBe(event)
    expect(await received(fedify, 'Create', 'are you there?')).toEqual([])
  })

  test('nothing comes in any more', async () => {
    const { activity } = await write('carol', 'and another thing')
    expect(await done(activity)).toMatch(/^skipped/)
    expect((await bodiesIn(alice.client, room)).join()).not.toContain('another thing')
  })

  test('in a chat of several, the others hear and are heard; that one does not is told once', async () => {
    const together = await chatWith('carol', 'dina')
    for (const word of ['one', 'two']) await alice.client.text(together, `who hears ${word}`)
    const { id: dina } = fedify.account('dina')
    for (const word of ['one', 'two']) {
      const note = noteIn(await receives(fedify, 'Create', `who hears ${word}`))
      expect([...listed(note.to), ...listed(note.cc)]).toEqual([dina])
    }
    await write('dina', 'I do', 'carol')
    await shown(alice.client, together, 'I do')
    await shown(alice.client, together, 'has blocked you')
    const told = (await bodiesIn(alice.client, together)).filter((body) =>
      body.includes('has blocked you'),
    )
    expect(told).toHaveLength(1)
    expect(told[0]).toContain(fedify.account('carol').handle)
  })

  test('what was on its way is not delivered any more, and that is told below it', async () => {
    expect(await done(delivery, 40_000)).toBe('skipped: blocked')
    const notice = await shown(alice.client, room, 'Not delivered')
    expect(bodyOf(notice)).toContain(`${fedify.account('carol').handle} has blocked you`)
    expect(relationOf(notice)?.['m.in_reply_to']?.event_id).toBe(onItsWay)
    expect(await received(fedify, 'Create', 'on its way')).toEqual([])
  })

  test('taken back, the chat goes on where it was, in both directions', async () => {
    const jobs = stack.bridge.log().length
    await fedify.undo('carol', me, block)
    await waitUntil('the end of the block', () =>
      stack.bridge
        .log()
        .slice(jobs)
        .some((line) => line['kind'] === 'activity'),
    )
    await alice.client.text(room, 'can you hear me now?')
    await receives(fedify, 'Create', 'can you hear me now?')
    await write('carol', 'loud and clear')
    await shown(alice.client, room, 'loud and clear')
    const bodies = await bodiesIn(alice.client, room)
    expect(bodies.join()).not.toContain('another thing')
    for (const lost of ['on its way', 'are you there?'])
      expect(await received(fedify, 'Create', lost)).toEqual([])
  })
})
