import { chmodSync, lstatSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { askConsole } from '../../src/console/ask.ts'
import { firstLine } from '../../src/console/lines.ts'
import { listenConsole } from '../../src/console/listen.ts'
import { makeFolder, removeFolder } from '../cli/temporary.ts'
import { createRecordingLog } from '../matrix/setup.ts'

let folder: string
let path: string
let close: () => Promise<void>
let asked: (readonly string[])[]
const recording = createRecordingLog()

const listen = async (at = path): Promise<void> => {
  close = await listenConsole({
    path: at,
    log: recording.log,
    answer: async (words) => {
      asked.push(words)
      return { end: 'done', text: `did ${words.join(' ')}` }
    },
  })
}

beforeEach(() => {
  folder = makeFolder()
  path = join(folder, 'footbridge.db.sock')
  asked = []
  close = async () => undefined
})
afterEach(async () => {
  await close()
  removeFolder(folder)
})

/** What comes back for a line as it is. */
async function say(line: string): Promise<string> {
  const socket = connect(path)
  socket.write(line)
  return firstLine(socket, 1_000).finally(() => socket.destroy())
}

test('what is asked is answered, and only by whom the socket belongs to', async () => {
  await listen()
  expect(await askConsole(path, ['failed', 'show', '7'])).toEqual({
    end: 'done',
    text: 'did failed show 7',
  })
  expect(asked).toEqual([['failed', 'show', '7']])
  expect(lstatSync(path).mode & 0o777).toBe(0o600)
})

test('files that are made afterwards are as they would have been', async () => {
  writeFileSync(join(folder, 'before'), '')
  await listen()
  writeFileSync(join(folder, 'after'), '')
  expect(lstatSync(join(folder, 'after')).mode).toBe(lstatSync(join(folder, 'before')).mode)
})

test('a socket that a dead process left is replaced, a file of another kind is not', async () => {
  await listen()
  const leftOver = close
  await listen(join(folder, 'other.sock'))
  await leftOver()
  await close()
  // Only now nobody listens, and the file may lie there still.
  await listen()
  expect((await askConsole(path, ['x'])).text).toBe('did x')
  await close()
  const file = join(folder, 'file')
  writeFileSync(file, 'precious')
  await listen(file)
  expect(recording.lines.at(-1)?.message).toContain('its socket cannot be made')
  expect(lstatSync(file).isFile()).toBe(true)
})

test('a path too long for a socket leaves the bridge without', async () => {
  await listen(join(folder, 'x'.repeat(200)))
  expect(recording.lines.at(-1)?.level).toBe('warn')
})

test.each(['nonsense\n', '[]\n', '{"words":[]}\n', '{"words":[1]}\n', '{"words":"queue"}\n'])(
  'no request: %j',
  async (line) => {
    await listen()
    expect(JSON.parse(await say(line))).toMatchObject({ end: 'usage' })
    expect(asked).toEqual([])
  },
)

test('a line without an end is cut off', async () => {
  await listen()
  await expect(say('x'.repeat(200_000))).rejects.toThrow()
  expect(asked).toEqual([])
  expect((await askConsole(path, ['after'])).text).toBe('did after')
})

test('whoever asks nothing holds up nobody, and not the end', async () => {
  await listen()
  const silent = connect(path)
  await new Promise((resolve) => silent.once('connect', resolve))
  expect((await askConsole(path, ['x'])).text).toBe('did x')
  await close()
  silent.destroy()
})

test('nobody there, and a file that is not ours, are told apart', async () => {
  await expect(askConsole(path, ['x'])).rejects.toMatchObject({ code: 'ENOENT' })
  await listen()
  if (process.getuid?.() === 0) return
  chmodSync(path, 0)
  await expect(askConsole(path, ['x'])).rejects.toMatchObject({ code: 'EACCES' })
})
