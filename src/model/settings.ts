/** Whether others may read who follows a user and whom that user follows; how many is always told. */
export const followLists = { name: 'follow_lists', shown: 'shown', hidden: 'hidden' } as const
