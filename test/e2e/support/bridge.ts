import path from 'node:path'
import { call } from './json-http.ts'
import { repository, startProgram } from './process.ts'
import { waitUntil } from './wait.ts'

export type Bridge = {
  /** The log so far: one object per line of standard output that is JSON. */
  log(): readonly Readonly<Record<string, unknown>>[]
  output(): string
  isRunning(): boolean
  /** SIGKILL: nothing is tidied up. */
  kill9(): Promise<void>
  /** SIGTERM, and waits for the exit. */
  stop(): Promise<void>
  /** Starts again with the same configuration, ending it first where it still runs. */
  restart(): Promise<void>
  /** SIGHUP: it reads its configuration again, and says what came of it. */
  reload(): Promise<Readonly<Record<string, unknown>>>
}

export type BridgeOptions = {
  readonly configPath: string
  /** The ActivityPub listener's base URL: `GET /ready` answers 200 there. */
  readonly url: string
  /** Settings that come before those of the file. */
  readonly env?: Readonly<Record<string, string>>
}

/** Runs `footbridge run -c config` as a child and waits until it says that it is ready. */
export async function startBridge({ configPath, url, env = {} }: BridgeOptions): Promise<Bridge> {
  const launch = () =>
    startProgram({
      name: 'bridge',
      command: [
        process.execPath,
        path.join(repository, 'bin/footbridge.js'),
        'run',
        '-c',
        configPath,
      ],
      env,
      isReady: async () => (await call({ url: `${url}/ready` })).status === 200,
    })
  let running = await launch()
  const log: Bridge['log'] = () => running.stdout().split('\n').flatMap(parseLine)
  return {
    log,
    output: () => running.output(),
    isRunning: () => running.isRunning(),
    kill9: () => running.kill(),
    stop: () => running.stop(),
    restart: async () => {
      await running.stop()
      running = await launch()
    },
    reload: () => {
      const before = log().length
      running.hangUp()
      return waitUntil('an answer to SIGHUP', () =>
        log()
          .slice(before)
          .find(({ msg }) => String(msg).startsWith('the configuration ')),
      )
    },
  }
}

function parseLine(line: string): Readonly<Record<string, unknown>>[] {
  try {
    return line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : []
  } catch {
    return []
  }
}
