import { reachable } from '../config/load.ts'
import { Failure, exitCodes } from './failure.ts'
import type { ExitCode } from './failure.ts'
import { needConfig } from './find-config.ts'
import type { World } from './world.ts'

/** Asks the running bridge whether it is alive: for the container's HEALTHCHECK. */
export async function health(
  world: World,
  options: { readonly config?: string },
): Promise<ExitCode> {
  const quiet: World = { ...world, terminal: { ...world.terminal, err: () => undefined } }
  const { bind, port } = needConfig(quiet, options.config).appservice
  const baseUrl = `http://${reachable(bind)}:${port}`
  const { http, close } = await world.openServer(baseUrl)
  try {
    const request = { method: 'GET', headers: {}, timeout: 5_000, maxBytes: 10_000 } as const
    const { status } = await http({ ...request, url: `${baseUrl}/live` })
    if (status !== 200) throw new Error(`it answered ${status}`)
    world.terminal.out('Footbridge is running.\n')
    return exitCodes.ok
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const what = `nothing healthy answers at ${baseUrl}/live: ${reason}.`
    throw new Failure(exitCodes.failure, what, 'Start it with "footbridge run", or read its log.')
  } finally {
    await close()
  }
}
