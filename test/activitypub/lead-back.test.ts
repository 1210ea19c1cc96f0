import { describe, expect, test } from '@jest/globals'
import { createLeadBack } from '../../src/activitypub/lead-back.ts'
import type { WebFinger } from '../../src/activitypub/webfinger-client.ts'
import { RejectedError, TransientError } from '../../src/model/errors.ts'

const publicUrl = 'https://fedi.example.org'
const self = `${publicUrl}/actor`
const subject = { username: 'fedi.example.org', host: 'fedi.example.org' }

type Answer = () => ReturnType<WebFinger['askAbout']>

const leading: Answer = async () => ({ subject, selves: [self] })
const elsewhere: Answer = async () => ({ subject, selves: ['https://other.example/actor'] })
const unknown: Answer = () => Promise.reject(new RejectedError('404', { code: 'not-found' }))
const inside: Answer = () =>
  Promise.reject(new RejectedError('at 10.0.0.2', { code: 'forbidden-address' }))
const silent: Answer = () => Promise.reject(new TransientError('no answer'))

/** Watches for as many look-ups as there are answers, and says what was open after each. */
async function watch(handleDomain: string, answers: readonly Answer[]) {
  const asked: string[] = []
  const open: boolean[] = []
  const pauses: number[] = []
  const logged: string[] = []
  const end = new AbortController()
  const note = (fields: Readonly<Record<string, unknown>>, message: string) =>
    void logged.push(
      `${message} ${typeof fields['mend'] === 'string' ? fields['mend'] : ''}`.trim(),
    )
  const leadBack = createLeadBack({
    publicUrl,
    handleDomain,
    webFinger: {
      askAbout: (host, resource) => {
        asked.push(`${host} ${resource}`)
        return (answers[asked.length - 1] ?? silent)()
      },
    },
    clock: {
      now: () => 0,
      sleep: async (ms) => {
        open.push(leadBack.isOpen())
        pauses.push(ms)
        if (asked.length >= answers.length) end.abort()
      },
    },
    log: { debug: note, info: note, warn: note, error: note },
    onChange: () => void logged.push('changed'),
  })
  const before = leadBack.isOpen()
  await leadBack.watch(end.signal)
  return { before, asked, open, pauses, logged }
}

describe('whether the handle domain leads to us', () => {
  test('is no question when handles are at the bridge’s own host', async () => {
    const result = await watch('fedi.example.org', [unknown])
    expect(result).toEqual({ before: true, asked: [], open: [], pauses: [], logged: [] })
  })

  test('nothing leaves before the domain has answered for us', async () => {
    const result = await watch('example.org', [leading])
    expect(result).toEqual({
      before: false,
      asked: [`example.org ${self}`],
      open: [true],
      pauses: [3_600_000],
      logged: ['changed'],
    })
  })

  test.each([
    ['knows nothing of us', unknown],
    ['names another server', elsewhere],
  ])('a domain that %s shuts deliveries and names the line that mends it', async (_, answer) => {
    const { open, logged, pauses } = await watch('example.org', [answer, leading])
    expect(open).toEqual([false, true])
    expect(pauses).toEqual([30_000, 3_600_000])
    expect(logged).toEqual([
      'WebFinger does not lead to us; deliveries wait in the server block of example.org: location = /.well-known/webfinger { return 301 https://fedi.example.org$request_uri; }',
      'changed',
      'changed',
    ])
  })

  test('a domain that cannot be reached from here proves nothing', async () => {
    expect((await watch('example.org', [silent])).open).toEqual([true])
    expect((await watch('example.org', [unknown, silent])).open).toEqual([false, false])
    expect((await watch('example.org', [leading, silent])).open).toEqual([true, true])
  })

  test('a domain that has a private address here, as behind a router, proves nothing either', async () => {
    const { open, logged } = await watch('example.org', [inside])
    expect(open).toEqual([true])
    expect(logged[0]).toBe('WebFinger of the handle domain does not answer from here')
    expect((await watch('example.org', [unknown, inside])).open).toEqual([false, false])
  })
})
