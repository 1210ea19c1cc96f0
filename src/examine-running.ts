import { statSync } from 'node:fs'
import { instanceActorId } from './activitypub/actor-document.ts'
import type { LeadBack } from './activitypub/lead-back.ts'
import type { World } from './assembly.ts'
import type { Deps } from './bridge/ports.ts'
import { notePublicSide } from './bridge/public-side.ts'
import { patientOf, signaturesOf, type Machine } from './build-doctor.ts'
import type { Spoken, State } from './build-fediverse.ts'
import { databasePathOf } from './config/database-path.ts'
import type { Means } from './doctor/ports.ts'
import { watchPublicUrl } from './doctor/watch.ts'
import type { DatabaseState } from './model/database-state.ts'
import { faultOf } from './model/machine.ts'

async function databaseOf(path: string, { store }: State): Promise<DatabaseState> {
  try {
    await store.ping()
    return { state: 'sound', bytes: statSync(path).size }
  } catch (error) {
    return { state: 'unreadable', reason: faultOf(error).reason }
  }
}

async function meansOf(
  world: World,
  machine: Machine,
  { state, spoken }: { readonly state: State; readonly spoken: Spoken },
): Promise<Means> {
  const { config, clock } = world
  const us = instanceActorId(config.activitypub.publicUrl)
  const { publicKey, signing } = await spoken.keysFor(us)
  const publicPem = publicKey.pem
  const ours = { state: 'ours' } as const
  return {
    ...machine,
    now: clock.now,
    homeserver: world.homeserverHttp,
    world: world.http,
    database: () => databaseOf(databasePathOf(config), state),
    listeners: { appservice: ours, activitypub: ours, adminPage: ours },
    isRunning: true,
    heardPing: state.pings.heard,
    signatures: {
      ...signaturesOf(config, clock.now, { ...signing, publicPem }),
      publishedPem: publicPem,
    },
  }
}

/** The doctor of the running bridge. */
export const examineRunning =
  (world: World, state: State, spoken: Spoken): Deps['examine'] =>
  async () => {
    const { surroundings, config, random } = world
    if (surroundings === undefined) return []
    // Few ever ask.
    const { examine } = await import('./doctor/examine.ts')
    const means = await meansOf(world, surroundings.machine, { state, spoken })
    return examine(patientOf(config, surroundings), means, random.id())
  }

/** Looks now and again whether others can reach us, until `signal` aborts. Never rejects. */
export async function watchOurselves(
  { surroundings, config, clock, log }: World,
  { deps, leadBack }: { readonly deps: Deps; readonly leadBack: LeadBack },
  signal: AbortSignal,
): Promise<void> {
  if (surroundings === undefined) return
  await watchPublicUrl(
    {
      web: surroundings.machine.web,
      publicUrl: config.activitypub.publicUrl,
      hsToken: config.appservice.hsToken,
      isLeading: leadBack.isOpen,
      note: (seen) => notePublicSide(seen, deps),
      ...{ clock, log },
    },
    signal,
  )
}
