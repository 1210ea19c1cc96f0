import type { Http, HttpRequest } from '../../src/model/http.ts'
import { TransientError } from '../../src/model/errors.ts'
import type { World } from '../../src/cli/world.ts'
import { perform } from '../../src/cli/program.ts'

/** What a server answers to one URL; a missing one does not exist on the network. */
export type Answers = Readonly<
  Record<
    string,
    { readonly status: number; readonly body?: string; readonly location?: string } | undefined
  >
>

export type Session = {
  /** Performs a command line and says all that came of it. */
  readonly type: (...args: string[]) => Promise<{ code: number; out: string; err: string }>
  readonly asked: string[]
  readonly requested: string[]
  /** Delivers a request to stop. */
  readonly stop: () => void
  /** Delivers a request to read the configuration again. */
  readonly reload: () => void
  readonly events: string[]
}

type Asked = 'startBridge' | 'askBridge' | 'examine'
type Options = Partial<Pick<World, 'folder' | 'environment' | Asked>> & {
  readonly answers?: Answers
  /** Lines typed on a terminal, undefined for Ctrl-C; absent: no terminal. */
  readonly typed?: readonly (string | undefined)[]
}

/** A terminal, a network and a machine that only record. */
export function openSession(options: Options = {}): Session {
  const asked: string[] = []
  const requested: string[] = []
  const events: string[] = []
  const stops = new Set<() => void>()
  const reloads = new Set<() => void>()
  const typed = [...(options.typed ?? [])]
  const ask = async (question: string) => {
    asked.push(question)
    if (typed.length === 0) throw new Error(`nobody answers: ${question}`)
    return typed.shift()
  }
  const http: Http = (request: HttpRequest) => {
    requested.push(request.url)
    const answer = options.answers?.[request.url]
    if (answer === undefined) return Promise.reject(new TransientError('no such host'))
    const headers: Readonly<Record<string, string>> =
      answer.location === undefined ? {} : { location: answer.location }
    return Promise.resolve({ status: answer.status, headers, body: Buffer.from(answer.body ?? '') })
  }
  const connect = async () => ({
    http,
    close: async () => void events.push('connection closed'),
  })
  let ids = 0
  const type: Session['type'] = async (...args) => {
    let [out, err] = ['', '']
    const terminal = {
      out: (text: string) => void (out += text),
      err: (text: string) => void (err += text),
    }
    const code = await perform(
      {
        terminal: options.typed === undefined ? terminal : { ...terminal, ask },
        environment: options.environment ?? {},
        folder: options.folder ?? '/nowhere',
        version: '1.2.3',
        random: { number: () => 0, id: () => `id-number-${++ids}-of-22-chars` },
        now: () => Date.UTC(2030, 0, 31, 12),
        openWeb: connect,
        openServer: connect,
        startBridge: options.startBridge ?? (() => Promise.reject(new Error('no bridge'))),
        examine: options.examine ?? (() => Promise.reject(new Error('no doctor'))),
        askBridge: options.askBridge ?? (() => Promise.reject(new Error('no bridge'))),
        onStop(callback) {
          stops.add(callback)
          return () => void stops.delete(callback)
        },
        onReload(callback) {
          reloads.add(callback)
          return () => void reloads.delete(callback)
        },
        abandon: () => void events.push('abandoned'),
      },
      args,
    )
    return { code, out, err }
  }
  return {
    type,
    asked,
    requested,
    events,
    stop: () => [...stops].forEach((one) => one()),
    reload: () => [...reloads].forEach((one) => one()),
  }
}
