import type { Finding } from '../model/finding.ts'
import { examineDocuments } from './documents.ts'
import { examineHomeserver } from './homeserver.ts'
import { examineMachine } from './machine.ts'
import { examineOutbound } from './outbound.ts'
import { examinePing } from './ping.ts'
import { examinePublicUrl } from './public-url.ts'
import { judgeClock, watchingClocks } from './clock.ts'
import { skipped } from './findings.ts'
import type { Means, Patient } from './ports.ts'

type Scene = { readonly patient: Patient; readonly means: Means }

async function matrixSide(scene: Scene, id: string): Promise<readonly Finding[]> {
  const { findings, isKnown } = await examineHomeserver(scene)
  if (isKnown) return [...findings, await examinePing(scene, id)]
  const isThere = findings[0]?.result === 'ok'
  const why = isThere ? 'does not take what we send' : 'does not answer'
  return [...findings, skipped('ping', `not looked at: the homeserver ${why}.`)]
}

async function fediverseSide(scene: Scene): Promise<readonly Finding[]> {
  const { findings, isOurs } = await examinePublicUrl(scene)
  return [...findings, ...(await examineDocuments(scene, isOurs))]
}

/**
 * Looks at everything that has to be right for the bridge to work, and says of each what it found, in
 * the order in which an administrator would go about it. `id` names this look in what is sent.
 */
export async function examine(
  patient: Patient,
  given: Means,
  id: string,
): Promise<readonly Finding[]> {
  const clocks = watchingClocks(given.now)
  const means: Means = {
    ...given,
    homeserver: clocks.through(given.homeserver),
    web: clocks.through(given.web),
    world: clocks.through(given.world),
  }
  const scene = { patient, means }
  const [machine, matrix, fediverse, outbound] = await Promise.all([
    examineMachine(scene),
    matrixSide(scene, id),
    fediverseSide(scene),
    examineOutbound(patient, means),
  ])
  const trusted = [
    patient.reach,
    new URL(patient.activitypub.publicUrl).host,
    new URL(patient.homeserver.url).host,
  ]
  const clock = judgeClock(clocks.sightings, trusted)
  return [...machine, ...matrix, ...fediverse, outbound, clock]
}
