import type { Command } from './command.ts'
import { backfill } from './backfill.ts'
import { block, unblock } from './block.ts'
import { boost } from './boost.ts'
import { deleteCommand } from './delete.ts'
import { dm } from './dm.ts'
import { doctor } from './doctor.ts'
import { allowDomain, blockDomain, blockedDomains, unblockDomain } from './domain-blocks.ts'
import { blocklist } from './blocklist.ts'
import { policyList } from './policy-list.ts'
import { importBlocks } from './import-blocks.ts'
import { mute, unmute } from './mute.ts'
import { exportCommand } from './export.ts'
import { failed } from './failed.ts'
import { follow } from './follow.ts'
import { forgetMeCommand } from './forget-me.ts'
import { followers, following } from './lists.ts'
import { group } from './group.ts'
import { home } from './home.ts'
import { importCommand } from './import.ts'
import { profile } from './profile.ts'
import { openCommand } from './open.ts'
import { poll } from './poll.ts'
import { post } from './post.ts'
import { publish } from './publish.ts'
import { actor, user } from './account-facts.ts'
import { backup } from './backup.ts'
import { logLevel } from './log-level.ts'
import { login } from './login.ts'
import { prune } from './prune.ts'
import { refresh } from './refresh.ts'
import { room } from './room-facts.ts'
import { stats } from './stats.ts'
import { suspend, unsuspend } from './suspend.ts'
import { unbridge } from './unbridge.ts'
import { alias, moveTo } from './move.ts'
import { queue } from './queue.ts'
import { quotes } from './quotes.ts'
import { register, whoami } from './register.ts'
import { approve, reject, requests } from './requests.ts'
import { report } from './report.ts'
import { reports } from './reports.ts'
import { rotateKeys } from './rotate-keys.ts'
import { resolve, search } from './search.ts'
import { settings } from './settings.ts'
import { status } from './status.ts'
import { unfollow } from './unfollow.ts'

/** Every command but `help`, which reads this table. */
export const commandTable: readonly Command[] = [
  follow,
  unfollow,
  home,
  openCommand,
  backfill,
  search,
  resolve,
  following,
  followers,
  requests,
  approve,
  reject,
  block,
  unblock,
  mute,
  unmute,
  report,
  dm,
  publish,
  group,
  post,
  boost,
  poll,
  deleteCommand,
  quotes,
  status,
  register,
  whoami,
  profile,
  alias,
  moveTo,
  settings,
  exportCommand,
  importCommand,
  forgetMeCommand,
  reports,
  rotateKeys,
  queue,
  failed,
  doctor,
  actor,
  user,
  room,
  unbridge,
  refresh,
  suspend,
  unsuspend,
  stats,
  prune,
  backup,
  logLevel,
  login,
  blockDomain,
  unblockDomain,
  allowDomain,
  importBlocks,
  blocklist,
  policyList,
  blockedDomains,
]
