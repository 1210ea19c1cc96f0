import type { Loaded } from '../config/load.ts'
import { exitCodes, Failure } from './failure.ts'
import type { ExitCode } from './failure.ts'
import { findConfigFile, needConfig, readConfig } from './find-config.ts'
import type { Bridge, World } from './world.ts'

/**
 * Runs the bridge until it is told to stop: the first request stops it in order, also one that
 * comes while it starts; the second ends the process at once.
 */
export async function run(world: World, options: { readonly config?: string }): Promise<ExitCode> {
  const config = needConfig(world, options.config)
  const asked = Promise.withResolvers<undefined>()
  let isAsked = false
  const forget = world.onStop(() => {
    if (isAsked) {
      world.abandon()
      return
    }
    isAsked = true
    asked.resolve(undefined)
  })
  const reloading = reloadOnRequest(world, options.config)
  try {
    const bridge = await world.startBridge(config, findConfigFile(world, options.config))
    reloading.begin(bridge)
    await asked.promise
    await bridge.stop()
    return exitCodes.ok
  } finally {
    forget()
    reloading.end()
  }
}

/** A request that comes while the bridge starts is for the one that it becomes. */
function reloadOnRequest(
  world: World,
  named: string | undefined,
): { readonly begin: (bridge: Bridge) => void; readonly end: () => void } {
  let running: Bridge | undefined
  let isAsked = false
  const end = world.onReload(() => {
    isAsked = true
    running?.reload(readAgain(world, named))
  })
  return {
    begin(bridge) {
      running = bridge
      if (isAsked) bridge.reload(readAgain(world, named))
    },
    end,
  }
}

/** The file may be gone, or half written: that is a problem like any other. */
function readAgain(world: World, named: string | undefined): Loaded {
  try {
    return readConfig(world, named).loaded
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error)
    const mend = error instanceof Failure ? error.mend : 'Mend it, and ask again.'
    return { problems: [{ where: named ?? 'configuration', what, mend }] }
  }
}
