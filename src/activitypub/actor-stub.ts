import type { Json } from './parse-values.ts'

/** What checking a signature or a proof of an actor takes, and what WebFinger says anyway. */
const kept: ReadonlySet<string> = new Set([
  '@context',
  'id',
  'type',
  'preferredUsername',
  'webfinger',
  'inbox',
  'endpoints',
  'publicKey',
  'assertionMethod',
  'generator',
])

/** An actor as everybody may read it, so that its keys can always be checked. */
export const toStub = (actor: Json): Json =>
  Object.fromEntries(Object.entries(actor).filter(([name]) => kept.has(name)))
