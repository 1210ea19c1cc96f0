import type { ActorId, RoomId } from '../model/ids.ts'
import type { DomainBlock } from '../model/domain-block.ts'

/** What is known of what admins keep away. */
export type DomainBlockStore = {
  /** The one of that host, or of the nearest domain that it is under. */
  findDomainBlock(host: string): Promise<DomainBlock | undefined>
  /** What holds for a domain where an admin says nothing of it itself. */
  blockWithout(domain: string): Promise<DomainBlock | undefined>
  /** In the order of the domains. */
  domainBlocks(): Promise<readonly DomainBlock[]>
  /** Rooms of accounts that are there or go by a name of it, and of some that only look so, in the order of the accounts, behind that one. */
  portalsUnder(
    domain: string,
    after: ActorId | undefined,
    limit: number,
  ): Promise<
    readonly { readonly actorId: ActorId; readonly host: string; readonly roomId: RoomId }[]
  >
}
