import type { ActivityId, ActorId } from '../model/ids.ts'
import type { Clock } from '../model/clock.ts'
import type { Keyring } from './keyring.ts'
import { RejectedError } from '../model/errors.ts'
import { idOf, isJson, isSameHost, type Json, typesOf } from './parse-values.ts'
import { readProof, verifyProof, type Proof } from './proof.ts'

export type ForwardedDeps = {
  readonly keyring: Keyring
  readonly fetchDocument: (id: ActivityId) => Promise<{ readonly document: Json }>
  readonly clock: Clock
}

/** An activity that somebody else than its actor brought; `document` is what they say it says. */
export type Forwarded = { readonly id: ActivityId; readonly document?: unknown }

/** Milliseconds. We remember for longer what was deleted, so that an old word cannot bring it back. */
const oldestProof = 7 * 86_400_000

/**
 * What a proof decides. Of everything else, an old word said again would undo a newer one: what holds
 * now, the actor's own server says.
 */
const believed: ReadonlySet<string> = new Set(['Create', 'Delete'])

async function holds(proof: Proof, actor: string, { keyring }: ForwardedDeps): Promise<boolean> {
  const { verificationMethod } = proof
  const isOf = ({ owner, key }: Awaited<ReturnType<Keyring['keyFor']>>): boolean =>
    owner === (actor as ActorId) && verifyProof(proof, key)
  try {
    if (isOf(await keyring.keyFor(verificationMethod))) return true
    return isOf(await keyring.refetch(verificationMethod))
  } catch (error) {
    if (error instanceof RejectedError) return false
    throw error
  }
}

async function isProven({ id, document }: Forwarded, deps: ForwardedDeps): Promise<boolean> {
  if (!isJson(document) || document['id'] !== id) return false
  const actor = idOf(document['actor'])
  const types = typesOf(document)
  if (actor === undefined || !isSameHost(actor, id)) return false
  if (types.length !== 1 || !types.every((type) => believed.has(type))) return false
  const proof = readProof(document, deps.clock.now())
  if (proof === undefined || !isSameHost(proof.verificationMethod, actor)) return false
  if (Date.parse(String(proof.options['created'])) < deps.clock.now() - oldestProof) return false
  return holds(proof, actor, deps)
}

/**
 * The document of an activity that was forwarded to us: as it came where its actor has proven it
 * (FEP-8b32), else as it is at its own id. Other signatures inside of it prove nothing here. Errors of
 * `Fediverse`.
 */
export function createForwarded(deps: ForwardedDeps): (forwarded: Forwarded) => Promise<Json> {
  return async (forwarded) => {
    const { id, document } = forwarded
    if (isJson(document) && (await isProven(forwarded, deps))) return document
    return (await deps.fetchDocument(id)).document
  }
}
