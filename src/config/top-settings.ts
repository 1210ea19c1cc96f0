import { derived, setting } from './setting.ts'
import { database, permissions, secret } from './values.ts'

/** The settings that stand in no section. */
export const permissionsSetting = setting(permissions, {
  about: [
    'Who may use Footbridge: a user id, a domain, or "*" for everybody; the most specific wins.',
    'none: not at all. follow: follow and read. user: publish and talk, too. admin: everything here.',
  ],
  sample: { 'your-domain.example': 'user' },
  isPlaceholder: true,
})

export const databaseSetting = setting(database, {
  about: [
    'Everything Footbridge remembers: back it up. A relative path begins at the folder of this file.',
  ],
  fallback: 'sqlite:footbridge.db',
})

export const encryptionKey = setting(secret, {
  about: [
    "Encrypts the private keys of your users' accounts in the database. Keep a copy of it apart from",
    'the copies of the database: without it they are worth nothing, and with it they are everything.',
  ],
  sample: 'replace-this-encryption-key-by-your-own',
  isPlaceholder: true,
  isSecret: true,
})

export const oldEncryptionKey = derived(secret, {
  about: [
    'To change it, move the old one here and start Footbridge once: it encrypts everything anew.',
  ],
  derived: 'the-encryption-key-that-was-used-before',
  isSecret: true,
})
