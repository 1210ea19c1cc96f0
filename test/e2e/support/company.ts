import { type ControlledPeer, type PeerOptions, startApex, startFedify } from './control-peer.ts'
import { findActor } from './fediverse.ts'
import { follow, followedBy, openProfile } from './scene.ts'
import { type Snac, type SnacOptions, type SnacUser, startSnac } from './snac.ts'
import { type Guest, type Stack, type StackOptions, startStack } from './stack.ts'

/** The bridge with alice on Matrix, and beside it anna of snac, dora of activitypub-express and carol of Fedify. */
export type Company = {
  readonly stack: Stack
  readonly snac: Snac
  readonly apex: ControlledPeer
  readonly fedify: ControlledPeer
  readonly alice: Guest
  readonly anna: SnacUser
}

/** In place of what is usual. */
type CompanyOptions = {
  readonly stack?: StackOptions
  readonly snac?: SnacOptions
  readonly apex?: PeerOptions
  readonly fedify?: PeerOptions
}

/** Nobody follows anybody yet. */
export async function startCompany(options: CompanyOptions = {}): Promise<Company> {
  const [stack, snac, apex, fedify] = await Promise.all([
    startStack(options.stack),
    startSnac(options.snac ?? { users: ['anna'] }),
    startApex(options.apex ?? { accounts: ['dora'] }),
    startFedify(options.fedify ?? { accounts: ['carol'], cavageFirst: true }),
  ])
  const anna = snac.user('anna')
  return { stack, snac, apex, fedify, anna, alice: await stack.meet('alice') }
}

/** Rooms by the name of whom alice reads there. */
export type Rooms = Readonly<Record<'anna' | 'carol' | 'dora', string>>

/** alice follows all three. */
export const followAll = async ({ alice, anna, fedify, apex }: Company): Promise<Rooms> => ({
  anna: await follow(alice, anna),
  carol: await follow(alice, fedify.account('carol')),
  dora: await follow(alice, apex.account('dora')),
})

/** alice publishes, and all three follow her; her profile room, and her id on the fediverse. */
export async function followedByAll({
  stack,
  alice,
  anna,
  ...peers
}: Company): Promise<{ readonly profile: string; readonly aliceId: string }> {
  const profile = await openProfile(alice)
  const aliceId = await findActor(stack.publicUrl, alice.handle)
  await anna.follow(alice.handle.slice(1))
  await Promise.all([peers.fedify.follow('carol', aliceId), peers.apex.follow('dora', aliceId)])
  await followedBy(alice, ['anna', 'carol', 'dora'])
  return { profile, aliceId }
}
