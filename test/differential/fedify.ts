import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Key, Sent } from './requests.ts'

const folder = path.join(import.meta.dirname, '../peers/fedify')

export const hasFedify = existsSync(path.join(folder, 'node_modules/@fedify/fedify'))

export type Fedify = {
  readonly sign: (given: {
    readonly request: Sent
    readonly keyId: string
    readonly now: number
    readonly spec: 'draft-cavage-http-signatures-12' | 'rfc9421'
  }) => Promise<Readonly<Record<string, string>>>
  readonly verify: (request: Sent, now: number) => Promise<boolean>
  readonly stop: () => Promise<void>
}

/** In a process of its own, with its own packages; one question at a time, in order. */
export async function startFedify(keys: readonly Key[]): Promise<Fedify> {
  const child = spawn(process.execPath, [path.join(folder, 'signatures.js')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const closed = new Promise((resolve) => child.once('close', resolve))
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ask = async (question: unknown): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(question)}\n`)
    const answer = await answers.next()
    if (answer.done === true) throw new Error('Fedify has died')
    return JSON.parse(answer.value)
  }
  await ask({ keys })
  return {
    sign: async (sign) => ((await ask({ sign })) as { headers: Record<string, string> }).headers,
    verify: async (request, now) =>
      ((await ask({ verify: { request, now } })) as { ok: boolean }).ok,
    async stop() {
      child.stdin.end()
      await closed
    },
  }
}
