import { resolve } from 'node:path'
import { printRegistration } from '../config/registration.ts'
import { exitCodes } from './failure.ts'
import type { ExitCode } from './failure.ts'
import { needConfig } from './find-config.ts'
import { assertAbsent, writePrivate } from './files.ts'
import type { World } from './world.ts'

export type RegistrationOptions = { readonly config?: string; readonly output?: string }

/** Prints the registration that belongs to the configuration, or writes it to a new file. */
export async function registration(world: World, options: RegistrationOptions): Promise<ExitCode> {
  const config = needConfig(world, options.config)
  if (options.output === undefined) {
    world.terminal.out(await printRegistration(config))
    return exitCodes.ok
  }
  const path = resolve(world.folder, options.output)
  assertAbsent(path)
  writePrivate(path, await printRegistration(config))
  world.terminal.out(`Wrote ${path}. Give it to the homeserver and restart the homeserver.\n`)
  return exitCodes.ok
}
