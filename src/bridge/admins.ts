import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { UserId } from '../model/ids.ts'
import { tellJob } from './tell-job.ts'

/** Chats with the bot that are looked through for people who are admins. */
const mostChats = 10_000
/** Admins who are told of one thing. */
const mostAdmins = 20

type Knowing = Pick<Deps, 'store' | 'permissionOf' | 'namedAdmins'>

/** Who is told what the whole server has to know: whom the configuration names, and who talks with the bot. */
export async function adminsOf(deps: Knowing): Promise<readonly UserId[]> {
  const { store, permissionOf, namedAdmins } = deps
  const talking = await store.usersWithChat(mostChats)
  const admins = talking.filter((userId) => permissionOf(userId) === 'admin')
  return [...new Set([...namedAdmins, ...admins])].slice(0, mostAdmins)
}

/** A notice for each of them; its key is the same for all. */
export async function tellAdmins(
  { key, text }: { readonly key: string; readonly text: string },
  deps: Knowing,
): Promise<readonly Change[]> {
  return (await adminsOf(deps)).map((userId) => tellJob({ key: `${key} ${userId}`, text, userId }))
}
