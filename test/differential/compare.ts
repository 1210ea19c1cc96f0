import { createPrivateKey, createPublicKey } from 'node:crypto'
import { readSignature, signRequest, verifySignature } from '../../src/activitypub/signature.ts'
import { createChance, type Chance } from '../simulation/chance.ts'
import type { Fedify } from './fedify.ts'
import { knownDifferences } from './known-differences.ts'
import { beforeSigning, mutations } from './mutations.ts'
import { makeBare, makePlan, now, signByHand } from './requests.ts'
import type { Key, Plan, Sent } from './requests.ts'

export type Case = {
  readonly index: number
  readonly by: string
  readonly mutation: string
  readonly request: Sent
  readonly ours: boolean
  readonly theirs: boolean
}

export type Comparison = {
  readonly both: { readonly accept: number; readonly refuse: number }
  /** How often each row of the table let a difference pass. */
  readonly known: Readonly<Record<string, number>>
  /** What no row of the table explains. */
  readonly unknown: readonly Case[]
  /** Requests by who signed them and by which scheme, accepted by both. */
  readonly accepted: Readonly<Record<string, number>>
}

async function signIt(request: Sent, plan: Plan, fedify: Fedify): Promise<Sent> {
  const { scheme, by, key } = plan
  if (by === 'hand') return signByHand(request, plan)
  if (by === 'fedify') {
    const spec = scheme === 'rfc9421' ? 'rfc9421' : 'draft-cavage-http-signatures-12'
    const headers = await fedify.sign({ request, keyId: key.keyId, now, spec })
    return { ...request, headers }
  }
  const { method, url, body } = request
  const signed = signRequest({
    ...{
      method,
      url,
      keyId: key.keyId,
      privateKey: createPrivateKey(key.privatePem),
      date: new Date(now),
      scheme,
    },
    ...(body === undefined ? {} : { body }),
  })
  return { ...request, headers: { ...request.headers, ...signed } }
}

/** What the inbox makes of it, with all keys at hand. */
export function isTaken(request: Sent, keys: ReadonlyMap<string, Key>): boolean {
  const { method, url, headers, body } = request
  const signature = readSignature(headers)
  const key = keys.get(signature?.keyId ?? '')
  if (signature === undefined || key === undefined) return false
  const { origin, pathname, search } = new URL(url)
  return verifySignature({
    ...{ method, headers, signature, now, publicUrl: origin, target: `${pathname}${search}` },
    body: body === undefined ? undefined : Buffer.from(body),
    publicKey: createPublicKey(key.publicPem),
  }).ok
}

async function makeCase(chance: Chance, keys: readonly Key[], fedify: Fedify) {
  const plain = makeBare(chance)
  const before = chance.happens(0.2) ? chance.pick(beforeSigning) : undefined
  const bare = before === undefined ? plain : (mutations[before]?.(plain, chance, keys) ?? plain)
  const plan = makePlan(chance, keys, bare.method === 'GET')
  const signed = await signIt(bare, plan, fedify)
  const name = chance.happens(0.35) ? 'none' : (chance.pick(Object.keys(mutations)) ?? 'none')
  const request = mutations[name]?.(signed, chance, keys) ?? signed
  const mutation = before === undefined ? name : `${before}, signed; ${name}`
  return { by: `${plan.by} ${plan.scheme} ${plan.key.kind}`, mutation, request, plan }
}

/** Judges so many generated requests by both verifiers. The same seed makes the same requests. */
export async function compare(
  { requests, seed }: { readonly requests: number; readonly seed: string },
  keys: readonly Key[],
  fedify: Fedify,
): Promise<Comparison> {
  const byId = new Map(keys.map((key) => [key.keyId, key]))
  const both = { accept: 0, refuse: 0 }
  const known: Record<string, number> = {}
  const accepted: Record<string, number> = {}
  const unknown: Case[] = []
  const all = createChance(seed)
  for (let index = 0; index < requests; index++) {
    const { plan, ...made } = await makeCase(all.fork(String(index)), keys, fedify)
    const ours = isTaken(made.request, byId)
    const theirs = await fedify.verify(made.request, now)
    if (ours === theirs) both[ours ? 'accept' : 'refuse'] += 1
    if (ours && theirs) accepted[made.by] = (accepted[made.by] ?? 0) + 1
    if (ours === theirs) continue
    const they = theirs ? 'accept' : 'refuse'
    const row = knownDifferences.find((one) => one.they === they && one.when(made.request, plan))
    if (row === undefined) unknown.push({ index, ...made, ours, theirs })
    else known[row.name] = (known[row.name] ?? 0) + 1
  }
  return { both, known, unknown, accepted }
}
