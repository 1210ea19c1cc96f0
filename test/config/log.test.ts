import { describe, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { createLog, gatherLines } from '../../src/log.ts'
import type { LogOptions } from '../../src/log.ts'
import { TransientError } from '../../src/model/errors.ts'

const token = 'secret-token-"quoted"'

function record(options: Partial<LogOptions> & { isTTY?: boolean; colour?: boolean } = {}) {
  const lines: string[] = []
  const { isTTY = false, colour = true, ...rest } = options
  const target = { isTTY, write: (line: string) => lines.push(line) }
  const log = createLog(
    { level: 'info', format: 'auto', secrets: [token], ...rest },
    target,
    colour,
  )
  return { log, lines, only: () => JSON.parse(String(lines[0])) as Record<string, unknown> }
}

describe('the log', () => {
  test('writes one JSON line with time, level and fields', () => {
    const { log, lines, only } = record()
    log.info({ job: 7, room: '!a', ms: 12, outcome: 'done' }, 'event done')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/\}\n$/)
    expect(only()).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      job: 7,
      room: '!a',
      ms: 12,
      outcome: 'done',
      msg: 'event done',
    })
  })

  test.each([
    [{ err: Object.assign(new Error('write'), { code: 'ENOSPC' }) }, 'disk-full'],
    [{ error: 'SqliteError: database or disk is full' }, 'disk-full'],
    [
      { err: Object.assign(new Error('malformed'), { code: 'SQLITE_CORRUPT_INDEX' }) },
      'database-damaged',
    ],
    [{ error: 'SqliteError: attempt to write a readonly database' }, 'data-unwritable'],
  ])('names the page of what an administrator can mend: %j', (fields, trouble) => {
    const { log, only } = record()
    log.error(fields, 'failed')
    expect(only()['see']).toBe(`docs/troubleshooting.md#${trouble}`)
  })

  test('names no page where there is none', () => {
    const { log, only } = record()
    log.error({ err: new Error('surprise'), job: 7 }, 'failed')
    expect(only()).not.toHaveProperty('see')
    expect(only()).toMatchObject({ job: 7, err: { message: 'surprise' } })
  })

  test('leaves out what is below its level', () => {
    const { log, lines } = record({ level: 'warn' })
    log.debug({}, 'a')
    log.info({}, 'b')
    log.warn({}, 'c')
    log.error({}, 'd')
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['c', 'd'])
  })

  test('never shows a token, wherever it stands', () => {
    const { log, lines } = record()
    log.error(
      {
        url: `http://hs/send?access_token=${token}`,
        deep: { list: [`x ${token} y`] },
        err: new TransientError(`refused ${token}`, { cause: new Error(`Bearer ${token}`) }),
        other: 'https://hs/?user=a&access_token=another-one&b=1',
        header: 'Bearer abc.def',
      },
      `failed with ${token}`,
    )
    const line = String(lines[0])
    expect(line).not.toMatch(/secret-token|another-one|abc\.def/)
    expect(JSON.parse(line)).toMatchObject({
      url: 'http://hs/send?access_token=[token]',
      other: 'https://hs/?user=a&access_token=[token]&b=1',
      header: 'Bearer [token]',
      deep: { list: ['x [token] y'] },
      msg: 'failed with [token]',
    })
  })

  test('never shows what people wrote', () => {
    const { log, only } = record()
    log.info({ body: 'hello', event: { id: '$a', content: { body: 'hello' } } }, 'event')
    expect(only()).toMatchObject({ body: '[withheld]', event: { id: '$a', content: '[withheld]' } })
  })

  test('is pretty on a terminal, with the stack of an error below', () => {
    const { log, lines } = record({ isTTY: true, colour: false })
    log.warn({ room: '!a:b', reason: 'two words' }, 'delivery failed')
    log.error({ err: new Error('no\u0007bell') }, 'broken')
    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} warn {2}delivery failed room=!a:b reason="two words"\n$/,
    )
    expect(lines[1]).toMatch(/ error broken\n {4}Error: no\ufffdbell\n {4}at /)
  })

  test('paints on a terminal alone, and not where NO_COLOR forbids it', () => {
    const escapes = [
      { isTTY: true, colour: true },
      { isTTY: true, colour: false },
      { isTTY: false, colour: true },
    ].map((options) => {
      const { log, lines } = record({ format: 'pretty', ...options })
      log.info({}, 'x')
      return String(lines[0]).includes('\u001b[')
    })
    expect(escapes).toEqual([true, false, false])
  })
})

describe('lines that are gathered', () => {
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  function gather() {
    const written: string[] = []
    const lines = gatherLines({ isTTY: true, write: (text) => written.push(text) })
    return { written, lines }
  }

  test('are written together at the end of the turn, in order', async () => {
    const { written, lines } = gather()
    lines.write('a\n')
    lines.write('b\n')
    expect(written).toEqual([])
    await turn()
    lines.write('c\n')
    await turn()
    expect([written, lines.isTTY]).toEqual([['a\nb\n', 'c\n'], true])
  })

  test('are written at once when the process ends, and none twice', async () => {
    const { written, lines } = gather()
    lines.write('a\n')
    lines.flush()
    expect(written).toEqual(['a\n'])
    lines.flush()
    await turn()
    expect(written).toEqual(['a\n'])
  })

  test('do not wait when there are many of them', () => {
    const { written, lines } = gather()
    for (let n = 0; n < 70; n += 1) lines.write('x'.repeat(1_000))
    expect(written).toEqual(['x'.repeat(66_000)])
  })

  test.each(['process.exit(3)', "throw new Error('a bug')", "Promise.reject(new Error('a bug'))"])(
    'are written before the process is gone: %s',
    (end) => {
      const module = JSON.stringify(new URL('../../src/log.ts', import.meta.url).href)
      const script = `const { gatherLines } = await import(${module})
        const lines = gatherLines(process.stdout)
        process.on('exit', lines.flush)
        lines.write('the last words\\n')
        ${end}`
      const options = { env: { ...process.env, NODE_OPTIONS: '' } }
      const args = ['--input-type=module', '-e', script]
      expect(spawnSync(process.execPath, args, options).stdout.toString()).toBe('the last words\n')
    },
  )
})
