/** Words that name a group, in the languages of most exports. */
const GROUP_WORD =
  /(?:^|[\s(/-])(?:groups?|consorti(?:um|a)|committees?|societ(?:y|ies)|associations?|organi[sz]ations?|instituti?ons?|institutes?|universit(?:y|ies)|collaborati(?:on|ve)s?|collaborators|networks?|teams?|investigators|foundations?|councils?|agency|agencies|ministry|departments?|commissions?|cent(?:er|re)s?|federations?|academy|colleges?|company|corporation|program(?:me)?s?|projects?|initiative|bureau|services?|alliance|authors|members|partners|contributors|task force|working|study|trials?|hospitals?|laborator(?:y|ies)|registry|ltd|inc|llc|gmbh|plc|gruppe|arbeitsgruppe|arbeitsgemeinschaft|gesellschaft|verein|institut|universit[àäé]t?|groupe|société|comité|ministère|grupo|sociedad|sociedade|asociación|associação|universidad|universidade|gruppo|società|università)(?=$|[\s.,;)/-])/iu
/** Words within a group's name that no person's has, and digits. */
const LINK_WORD = /(?:^the\s|\s(?:of|for|and|on|in|at|against|für|und|pour|para)\s|\s&\s|\d)/iu

/** Whether a name is a group's by its words: `WHO Test Group`, `Centers for Disease Control`. */
export function isGroupName(name: string): boolean {
  return GROUP_WORD.test(name) || LINK_WORD.test(name)
}

/** What a comma in a group's name stands before. */
const GROUP_TAIL = /^(?:inc|ltd|llc|gmbh|corp|plc|(?:department|division|school|faculty) of .*)\.?$/i

/** Whether a name with a comma is a group's: `Test Council, Inc.` */
export function isGroupWithComma([first = '', ...rest]: readonly string[]): boolean {
  return rest.some((part) => GROUP_TAIL.test(part)) || (/\S\s+\S+\s+\S/.test(first) && isGroupName(first))
}
