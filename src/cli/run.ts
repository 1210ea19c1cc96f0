import { exitCodes } from './failure.ts'
import type { ExitCode } from './failure.ts'
import { findConfigFile, needConfig } from './find-config.ts'
import type { World } from './world.ts'

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
  try {
    const bridge = await world.startBridge(config, findConfigFile(world, options.config))
    await asked.promise
    await bridge.stop()
    return exitCodes.ok
  } finally {
    forget()
  }
}
