import type { ActorId } from './ids.ts'

/**
 * What one of our users keeps away from themselves, besides blocks of accounts. `mute`: an account is
 * not shown to them, and does not learn of it. `mute-domain`, `block-domain`: the same for, and
 * everything between them and, everybody of a domain and below it.
 */
export type PersonalRule = {
  readonly owner: ActorId
  readonly rule: 'mute' | 'mute-domain' | 'block-domain'
  /** An actor id, or a domain in lower case ASCII. */
  readonly target: string
}
