import { derived, setting } from './setting.ts'
import { bindAddress, oneOf, origin, port } from './values.ts'

/** The page on which admins see and do what they ask the bot for. */
export const adminPage = {
  bind: setting(bindAddress, {
    about: ['Where Footbridge shows admins its page, at /admin (docs/admin-page.md).'],
    fallback: '127.0.0.1',
  }),
  port: derived(port, { about: ['Without a port there is none.'], derived: 8713 }),
  url: derived(origin('https://admin.example.org'), {
    about: [
      "How an admin's browser reaches it, which the links that log in begin with. Made from bind and",
      'port unless given.',
    ],
    derived: 'https://admin.your-domain.example',
  }),
  openid: setting(oneOf(['off', 'on']), {
    about: [
      'Whether an OpenID token of the homeserver logs in an admin, too. Whoever an admin gives such a',
      'token to, as widgets ask for one, could use it here.',
    ],
    fallback: 'off',
  }),
}
