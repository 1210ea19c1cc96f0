/** Whether others may read who follows a user and whom that user follows; how many is always told. */
export const followLists = { name: 'follow_lists', shown: 'shown', hidden: 'hidden' } as const

/** Whether everybody may read a user's profile and public posts on a web page. */
export const webPage = { name: 'web_page', off: 'off', on: 'on' } as const
