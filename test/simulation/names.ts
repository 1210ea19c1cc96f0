import type { Config } from '../../src/config/config.ts'
import { asUserId } from '../../src/model/ids.ts'
import { usualLimits } from '../support/limits.ts'

/** Who and where everybody is in a simulated world. */

export const publicUrl = 'https://bridge.example'
export const serverName = 'hs.test'
export const bot = asUserId(`@apbot:${serverName}`)
export const start = Date.UTC(2026, 0, 5, 8)

export const isGhost = (userId: string): boolean => /^@_ap_.*:hs\.test$/.test(userId)
export const isOurs = (userId: string): boolean => userId === bot || isGhost(userId)

export const config: Config = {
  homeserver: { url: 'http://hs.test:8008', serverName },
  appservice: {
    id: 'footbridge',
    bind: '127.0.0.1',
    port: 9000,
    url: 'http://127.0.0.1:9000',
    asToken: 'as-secret',
    hsToken: 'hs-secret',
    botLocalpart: 'apbot',
    prefix: '_ap_',
    commandPrefix: '!ap',
    hasSpaces: false,
    sendsStatus: false,
  },
  activitypub: {
    ...{ bind: '127.0.0.1', port: 9001, publicUrl, handleDomain: 'bridge.example' },
    ...{ fetchMode: 'signed', unsignedFetchFrom: [] },
  },
  permissions: { [serverName]: 'user' },
  database: 'sqlite::memory:',
  encryptionKey: 'encryption-key-of-the-tests-1234567',
  publish: { joinMediaWithin: 0 },
  media: { sensitive: 'spoiler', emojiReactions: 'text', cacheSize: 0 },
  signatures: { maxAge: 3_600_000, ahead: 3_600_000 },
  // Everybody has just come there, and does a lot.
  limits: { ...usualLimits, newAccounts: { ...usualLimits.newAccounts, age: 0 } },
  moderation: { allowListOnly: false, bridgedUsers: ['@_*'] },
  network: { allowPrivate: [], allowHttp: [] },
  about: { rules: [], blockedServers: 'shown' },
  logging: { level: 'info', format: 'json' },
}
