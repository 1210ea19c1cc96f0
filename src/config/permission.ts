import { asUserId, type UserId } from '../model/ids.ts'
import { matchesGlob } from '../model/glob.ts'
import type { levels } from './values.ts'

export type Permission = (typeof levels)[number]

/**
 * Who may do what: the user's own line wins over the domain's, that over `*`; no line: `none`. Whom
 * another bridge has made needs a line of their own.
 */
export function permissionOf(config: {
  readonly permissions: Readonly<Record<string, Permission>>
  readonly moderation?: { readonly bridgedUsers: readonly string[] }
}): (userId: UserId) => Permission {
  const lines = new Map(Object.entries(config.permissions))
  const patterns = (config.moderation?.bridgedUsers ?? []).map((pattern) =>
    pattern.includes(':') ? pattern : `${pattern}:*`,
  )
  return (userId) => {
    const own = lines.get(userId)
    if (own !== undefined) return own
    if (patterns.some((pattern) => matchesGlob(pattern, userId))) return 'none'
    const domain = userId.slice(userId.indexOf(':') + 1)
    return lines.get(domain) ?? lines.get('*') ?? 'none'
  }
}

/** Whom the file names one by one as admins. */
export const namedAdminsIn = (config: {
  readonly permissions: Readonly<Record<string, Permission>>
}): readonly UserId[] =>
  Object.entries(config.permissions).flatMap(([name, level]) =>
    level === 'admin' && /^@[^:]+:./.test(name) ? [asUserId(name)] : [],
  )
