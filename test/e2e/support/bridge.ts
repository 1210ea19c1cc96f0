import path from 'node:path'
import { call } from './json-http.ts'
import { repository, startProgram } from './process.ts'

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
  return {
    log: () => running.stdout().split('\n').flatMap(parseLine),
    output: () => running.output(),
    isRunning: () => running.isRunning(),
    kill9: () => running.kill(),
    stop: () => running.stop(),
    restart: async () => {
      await running.stop()
      running = await launch()
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
