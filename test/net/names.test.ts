import { beforeEach, describe, expect, test } from '@jest/globals'
import type { LookupAddress } from 'node:dns'
import { createNames, type Names } from '../../src/net/names.ts'

let now: number
let asked: string[]
/** Names without one are never answered for. */
let answers: Map<string, LookupAddress[] | Error>
let names: Names

const at = (address: string): LookupAddress[] => [{ address, family: 4 }]
const error = (code: string): Error => Object.assign(new Error(code), { code })
const find = async (hostname: string) => names(hostname, {})
const minute = 60_000

beforeEach(() => {
  now = 0
  asked = []
  answers = new Map([['known.example', at('192.0.2.1')]])
  const ask: Names = async (hostname) => {
    asked.push(hostname)
    const answer = answers.get(hostname) ?? new Promise<never>(() => undefined)
    if (answer instanceof Error) throw answer
    return answer
  }
  names = createNames({ ask, now: () => now, longestInLine: 200 })
})

describe('a name that is known', () => {
  beforeEach(async () => {
    expect(await find('known.example')).toEqual(at('192.0.2.1'))
  })

  test('is not asked for again within a minute', async () => {
    now += minute - 1
    expect(await find('known.example')).toEqual(at('192.0.2.1'))
    expect(asked).toEqual(['known.example'])
  })

  test('is what it is now after that', async () => {
    answers.set('known.example', at('192.0.2.2'))
    now += minute
    expect(await find('known.example')).toEqual(at('192.0.2.2'))
    answers.set('known.example', error('ENOTFOUND'))
    now += minute
    await expect(find('known.example')).rejects.toThrow('ENOTFOUND')
  })

  test('is where it was while its server, or ours, does not answer', async () => {
    answers.set('known.example', error('EAI_AGAIN'))
    now += minute
    expect(await find('known.example')).toEqual(at('192.0.2.1'))
    answers.delete('known.example')
    expect(await find('known.example')).toEqual(at('192.0.2.1'))
    now += 24 * 60 * minute
    await expect(
      Promise.race([
        find('known.example'),
        new Promise((done) => setTimeout(done, 1_500, 'never')),
      ]),
    ).resolves.toBe('never')
  })

  test('is found while a thousand others are not', async () => {
    for (let count = 0; count < 1_000; count += 1) void find(`${count}.slow.example`).catch(() => 0)
    expect(asked.length).toBeLessThan(100)
    await expect(find('new.example')).rejects.toMatchObject({ code: 'EAI_AGAIN' })
    now += minute
    expect(await find('known.example')).toEqual(at('192.0.2.1'))
  })
})

test('more names than are asked for at once come in turn', async () => {
  for (let count = 0; count < 200; count += 1) answers.set(`${count}.example`, at('192.0.2.3'))
  const found = await Promise.all(
    Array.from({ length: 200 }, (_, count) => find(`${count}.example`)),
  )
  expect(found.flat().length).toBe(200)
})

test('a name that many want at once is asked for once', async () => {
  await Promise.all([find('known.example'), find('known.example')])
  expect(asked).toEqual(['known.example'])
})

test('a name that could not be found is asked for again', async () => {
  answers.set('known.example', error('ENOTFOUND'))
  await expect(find('known.example')).rejects.toThrow('ENOTFOUND')
  answers.set('known.example', at('192.0.2.1'))
  expect(await find('known.example')).toEqual(at('192.0.2.1'))
})
