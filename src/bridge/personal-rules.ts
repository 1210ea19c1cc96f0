import type { ActorId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import type { PersonalRule } from '../model/personal-rule.ts'
import { domainsOf } from '../model/domain-block.ts'
import { hostsOfActor } from './domain-blocks.ts'

type Known = { readonly store: Pick<Deps['store'], 'findPersonalRule' | 'findActorHost'> }

/** The domains that an account is in, by where it is and by whose name it goes. */
export const domainsOfActor = async (actor: ActorId, known: Known): Promise<readonly string[]> =>
  (await hostsOfActor(actor, known)).flatMap(domainsOf)

/** By which everything stops between that user of ours and the account: a domain of theirs. */
export const domainRuleBetween = async (
  ours: ActorId,
  theirs: ActorId,
  known: Known,
): Promise<PersonalRule | undefined> =>
  known.store.findPersonalRule(ours, ['block-domain'], await domainsOfActor(theirs, known))

/** Whether that user of ours wants to be shown nothing of the account. */
export async function isMuted(ours: ActorId, theirs: ActorId, known: Known): Promise<boolean> {
  const { store } = known
  if ((await store.findPersonalRule(ours, ['mute'], [theirs])) !== undefined) return true
  const domains = await domainsOfActor(theirs, known)
  return (await store.findPersonalRule(ours, ['mute-domain'], domains)) !== undefined
}
