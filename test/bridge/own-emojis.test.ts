import { beforeEach, describe, expect, test } from '@jest/globals'
import { emojisIn } from '../../src/bridge/own-emojis.ts'
import { asRoomId, asUserId } from '../../src/model/ids.ts'
import { createBridge, type Bridge, type Kill } from '../support/bridge.ts'

const writing = { roomId: asRoomId('!room'), sender: asUserId('@alice:hs.test') }
const show = (name: string, mxc: string) => ({
  body: `:${name}:`,
  html: `<img data-mx-emoticon src="mxc://hs.test/${mxc}" alt=":${name}:">`,
  mentions: [],
})

let bridge: Bridge
let kill: () => Kill = () => undefined
beforeEach(async () => {
  kill = () => undefined
  bridge = await createBridge({ kill: (call) => (call === 'commit' ? kill() : undefined) })
})

/** Name and address of the only emoji in a text. */
async function only(name: string, mxc: string): Promise<string> {
  const known = await emojisIn(show(name, mxc), writing, bridge.deps)
  const [emoji] = new Set(known.values())
  return `${emoji?.shortcode} ${emoji?.url}`
}

describe('a custom emoji of ours', () => {
  test('is one for a picture, however many show it at once, whatever they call it', async () => {
    const names = await Promise.all(['a1', 'b1', 'c1', 'a1'].map((name) => only(name, 'one')))
    expect(new Set(names).size).toBe(1)
  })

  test('has a name for itself, however many want the same at once', async () => {
    const pictures = Array.from({ length: 20 }, (_, index) => `p${index}`)
    const names = await Promise.all(pictures.map((mxc) => only('blob', mxc)))
    const again = await Promise.all(pictures.map((mxc) => only('blob', mxc)))
    expect(new Set(names.map((name) => name.split(' ')[0])).size).toBe(20)
    expect(again).toEqual(names)
    expect(names.filter((name) => name.startsWith('blob '))).toHaveLength(1)
  })

  test.each(['before', 'after'] as const)('survives a death %s it is kept', async (when) => {
    kill = () => when
    await expect(only('blob', 'one')).rejects.toThrow()
    kill = () => undefined
    const name = await only('blob', 'one')
    expect(name).toMatch(/^blob https:\/\/fedi\.hs\.test\/media\/\S+$/)
    expect(await only('other', 'one')).toBe(name)
  })
})
