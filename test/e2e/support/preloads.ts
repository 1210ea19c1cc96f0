import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ControlledPeer } from './control-peer.ts'
import { makeFolder } from './process.ts'
import type { Stack } from './stack.ts'

type Environment = Readonly<Record<string, string>>

const file = pathToFileURL(path.join(import.meta.dirname, 'preload.mjs')).href

/** The environment of a program that finds every name below `localhost` on this machine. */
export const names: Environment = { NODE_OPTIONS: `--import=${file}` }

/** The environment of a program in which pauses of a minute or more are so many times shorter. */
export const inHaste = (times: number): Environment => ({ ...names, TEST_HASTE: String(times) })

export type MovedClock = {
  /** The environment of programs that have this clock from their next start on. */
  readonly env: Environment
  /** It is so many milliseconds later for the bridge, which starts again, and for these peers; not for the homeserver. */
  later(
    ms: number,
    world: { readonly stack: Stack; readonly peers: readonly ControlledPeer[] },
  ): Promise<void>
}

/** A clock that is right until it is set. */
export async function makeMovedClock(): Promise<MovedClock> {
  const clock = path.join(await makeFolder('clock'), 'ahead')
  let ahead = 0
  await writeFile(clock, String(ahead))
  return {
    env: { ...names, TEST_CLOCK: clock },
    async later(ms, { stack, peers }) {
      ahead += ms
      await stack.bridge.stop()
      await Promise.all([
        writeFile(clock, String(ahead)),
        ...peers.map((peer) => peer.moveClock(ahead)),
      ])
      await stack.bridge.restart()
    },
  }
}
