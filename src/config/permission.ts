import { asUserId, type UserId } from '../model/ids.ts'
import type { levels } from './values.ts'

export type Permission = (typeof levels)[number]

/** Who may do what: the user's own line wins over the domain's, that over `*`; no line: `none`. */
export function permissionOf(config: {
  readonly permissions: Readonly<Record<string, Permission>>
}): (userId: UserId) => Permission {
  const lines = new Map(Object.entries(config.permissions))
  return (userId) => {
    const domain = userId.slice(userId.indexOf(':') + 1)
    return lines.get(userId) ?? lines.get(domain) ?? lines.get('*') ?? 'none'
  }
}

/** Whom the file names one by one as admins. */
export const namedAdminsIn = (config: {
  readonly permissions: Readonly<Record<string, Permission>>
}): readonly UserId[] =>
  Object.entries(config.permissions).flatMap(([name, level]) =>
    level === 'admin' && /^@[^:]+:./.test(name) ? [asUserId(name)] : [],
  )
