import { afterAll, beforeAll, expect, test } from '@jest/globals'
import Sqlite from 'better-sqlite3'
import { followAll, startCompany } from './support/company.ts'
import type { ControlledPeer } from './support/control-peer.ts'
import { answerNotFound } from './support/deaf.ts'
import { describeWith } from './support/peers.ts'
import { ask, bodiesIn, ghostId, messagesIn, shown } from './support/scene.ts'
import type { SnacUser } from './support/snac.ts'
import type { Guest, Stack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

const words = ['one', 'two', 'three', 'four']

/** As if the bridge had gone that long ago. */
function goneSince(databasePath: string, ms: number): void {
  const database = new Sqlite(databasePath)
  database.prepare("update mark set value = value - ? where key = 'alive'").run(ms)
  database.close()
}

describeWith(['synapse', 'snac', 'apex', 'fedify'], 'an outage of the bridge', () => {
  let stack: Stack
  let apex: ControlledPeer
  let fedify: ControlledPeer
  let alice: Guest
  let anna: SnacUser
  let annas: string
  let carols: string
  let doras: string

  beforeAll(async () => {
    const company = await startCompany()
    ;({ stack, apex, fedify, alice, anna } = company)
    ;({ anna: annas, carol: carols, dora: doras } = await followAll(company))
    await anna.note('anna before')
    await fedify.post('carol', { content: 'carol before' })
    await apex.post('dora', { content: 'dora before' })
    await shown(alice.client, annas, 'anna before')
    await shown(alice.client, carols, 'carol before')
    await shown(alice.client, doras, 'dora before')
    await stack.bridge.stop()
    const back = await answerNotFound(stack.publicUrl)
    for (const word of words) {
      await anna.note(`anna ${word}`)
      await fedify.post('carol', { content: `carol ${word}` })
      await apex.post('dora', { content: `dora ${word}` })
    }
    await waitUntil('carol to give up', () => fedify.output().includes('404'))
    await back()
    goneSince(stack.databasePath, 600_000)
    await stack.bridge.restart()
  })
  afterAll(() => Promise.all([stack.stop(), apex.stop(), fedify.stop()]))

  const said = async (room: string, handle: string) =>
    (await messagesIn(alice.client, room))
      .filter(({ sender }) => sender === ghostId(handle))
      .map(({ content }) => content['body'])

  test('costs nothing of what was published meanwhile: it is there once, in order', async () => {
    const [carol, dora] = [fedify.account('carol'), apex.account('dora')]
    await shown(alice.client, annas, 'anna four')
    await shown(alice.client, carols, 'carol four')
    await shown(alice.client, doras, 'dora four')
    await anna.note('anna after')
    await fedify.post('carol', { content: 'carol after' })
    await apex.post('dora', { content: 'dora after' })
    await shown(alice.client, annas, 'anna after')
    await shown(alice.client, carols, 'carol after')
    await shown(alice.client, doras, 'dora after')
    const all = ['before', ...words, 'after']
    expect(await said(annas, anna.handle)).toEqual(all.map((word) => `anna ${word}`))
    expect(await said(carols, carol.handle)).toEqual(all.map((word) => `carol ${word}`))
    expect(await said(doras, dora.handle)).toEqual(all.map((word) => `dora ${word}`))
  })

  /** How many accounts each reading since the last start was of. */
  const readBack = () =>
    stack.bridge
      .log()
      .filter(({ msg }) => msg === 'reading back what was missed')
      .map(({ accounts }) => accounts)

  test('is over after one: the next start asks snac alone, which tries nothing again', async () => {
    expect(readBack()).toEqual([3])
    await stack.bridge.restart()
    await ask(alice, 'whoami', alice.handle)
    expect(readBack()).toEqual([1])
    const again = (await bodiesIn(alice.client, annas)).filter((body) => body === 'anna one')
    expect(again).toHaveLength(1)
  })
})
