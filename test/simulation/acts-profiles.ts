import { someAccount } from './acts-fediverse.ts'
import { command, someUser } from './acts-matrix.ts'
import { actorOf, type Act } from './stage.ts'

/** What somebody says of themselves to the fediverse alone, by a command. */
export const changeProfile: Act = async (stage) => {
  const user = someUser(stage)
  const actor = user && (await actorOf(user, stage))
  if (user === undefined || actor === undefined) return undefined
  const { chance, ledger, world } = stage
  const part = chance.pick(['bio', 'bio', 'name'] as const) ?? 'bio'
  const value = `${part} ${ledger.nextMark()}`
  command(user, `profile ${part} ${value}`, stage)
  ledger.profiles.push({ user, part, value, at: world.time.now() })
  return `${user.userId} has the ${value}`
}

export const describeAccount: Act = async (stage) => {
  const account = someAccount(stage)
  if (account === undefined) return undefined
  const mark = stage.ledger.nextMark()
  const { sharedInbox } = stage.world.fediverse.server(account.host)
  stage.world.senders.send(account.updateProfile({ summary: `<p>about ${mark}</p>` }, sharedInbox))
  stage.ledger.accountBios.set(account.id, mark)
  return `${account.handle} is about ${mark}`
}
