import { wholeNumber } from './values.ts'
import { setting } from './setting.ts'

/** How much of it. */
export const limits = {
  activities_per_account: setting(wholeNumber(100_000, 'activities'), {
    about: [
      'Activities that are taken from one fediverse account in a minute, and below from one server.',
      'What comes beyond that is to come again later (429). 0: any number.',
    ],
    fallback: 600,
  }),
  activities_per_server: setting(wholeNumber(1_000_000, 'activities'), {
    about: [],
    fallback: 3_000,
  }),
  posts_per_hour: setting(wholeNumber(100_000, 'posts'), {
    about: [
      'Posts and private messages that one of your users may send within an hour, and below accounts',
      'that they may ask to follow. They are told when it goes on. Admins have no limit. 0: any number.',
    ],
    fallback: 300,
  }),
  follows_per_hour: setting(wholeNumber(100_000, 'follows'), { about: [], fallback: 100 }),
  mentions_per_hour: setting(wholeNumber(100_000, 'people'), {
    about: ['Different people whom they may name in what they send within an hour. 0: any number.'],
    fallback: 200,
  }),
  mentions_per_post: setting(wholeNumber(1_000, 'people'), {
    about: ['People whom one post or message may name. 0: any number.'],
    fallback: 50,
  }),
  accounts_per_request: setting(wholeNumber(1_000, 'accounts'), {
    about: [
      'Accounts that are looked up because of one message, command or activity; more are left out.',
      '0: any number.',
    ],
    fallback: 50,
  }),
}

/** How much of it for users who are new. */
export const newAccounts = {
  age: setting(wholeNumber(8_760, 'hours'), {
    about: [
      'Hours that a user of yours counts as new: since they first wrote to the bot or had an account',
      'here. When they registered on the homeserver, a bridge cannot see. 0: nobody is new.',
    ],
    fallback: 24,
  }),
  posts_per_hour: setting(wholeNumber(100_000, 'posts'), {
    about: [
      'What they may do within an hour meanwhile, where it is less than others may; they are told until',
      'when. 0: as many as others.',
    ],
    fallback: 60,
  }),
  follows_per_hour: setting(wholeNumber(100_000, 'follows'), { about: [], fallback: 50 }),
  mentions_per_hour: setting(wholeNumber(100_000, 'people'), { about: [], fallback: 30 }),
}
