import type { Grain } from '../calendar.ts'

/**
 * The words of questions that are no business words. Every word here is either used by a rule of `interpret.ts` or,
 * as a filler or preposition, free to be passed over; a word that could change what is asked must never be a filler.
 */

/** Which end of a ranking a word asks for. `quality` words (best, worst) depend on whether high values are good. */
export interface Rank {
  readonly end: 'high' | 'low'
  readonly quality: boolean
}

export const rankWords: Readonly<Record<string, Rank>> = {
  ...each(
    'top|highest|most|most often|most frequently|most common|most frequent|largest|biggest|greatest|maximum|max|leading|main|major|peak',
    { end: 'high', quality: false },
  ),
  ...each('bottom|lowest|least|least often|least common|smallest|fewest|minimum|min|slowest', {
    end: 'low',
    quality: false,
  }),
  ...each('best|strongest|best performing|top performing', { end: 'high', quality: true }),
  ...each('worst|weakest|poorest|worst performing|least performing|weakest performing', { end: 'low', quality: true }),
}

/** Ranks that name what is ranked, too. */
export const rankedMetrics: Readonly<Record<string, { readonly rank: Rank; readonly metric: string }>> = {
  ...each('best selling|top selling|bestselling', { rank: { end: 'high', quality: false }, metric: 'revenue' }),
  ...each('worst selling|least selling', { rank: { end: 'low', quality: false }, metric: 'revenue' }),
  ...each('most popular', { rank: { end: 'high', quality: false }, metric: 'units' }),
  ...each('least popular', { rank: { end: 'low', quality: false }, metric: 'units' }),
  ...each('most profitable', { rank: { end: 'high', quality: false }, metric: 'profit' }),
  ...each('least profitable', { rank: { end: 'low', quality: false }, metric: 'profit' }),
  ...each('most expensive|priciest', { rank: { end: 'high', quality: false }, metric: 'average_price' }),
  ...each('least expensive|cheapest', { rank: { end: 'low', quality: false }, metric: 'average_price' }),
  ...each('busiest', { rank: { end: 'high', quality: false }, metric: 'orders' }),
  ...each('quietest', { rank: { end: 'low', quality: false }, metric: 'orders' }),
  ...each('most valuable', { rank: { end: 'high', quality: false }, metric: 'revenue' }),
}

export const grainWords: Readonly<Record<string, Grain>> = {
  ...each('day|days|date', 'day'),
  ...each('week|weeks', 'week'),
  ...each('month|months', 'month'),
  ...each('quarter|quarters', 'quarter'),
  ...each('year|years', 'year'),
}
export const grainAdjectives: Readonly<Record<string, Grain>> = {
  ...each('daily|day by day', 'day'),
  ...each('weekly|week by week', 'week'),
  ...each('monthly|month by month', 'month'),
  ...each('quarterly|quarter by quarter', 'quarter'),
  ...each('yearly|annual|annually|year by year', 'year'),
}

/** Words with a meaning of their own, by that meaning. */
export const operators = {
  by: 'by|broken down by|break down by|breakdown by|split by|split up by|grouped by|group by|segmented by|sliced by|divided by|by each|differentiated by|split into|across|broken out by|organized by|arranged by',
  per: 'per|for each|for every|in each|in every|of each|each|every|within each|by every|from each|at each',
  all: 'for all|in all|across all|all|of all|over all',
  and: 'and|,|&|plus|as well as|along with|together with|alongside',
  or: 'or',
  versus:
    'vs|versus|v|compared|against|compared to|compared with|compare to|compare with|in comparison to|in comparison with|relative to|vs the|as compared to|than in|than',
  compare: 'compare|comparison|comparison of|comparing|difference between|differences between|difference',
  comparative: 'more|fewer|less|better|worse|higher|lower|faster|slower|larger|smaller|bigger',
  except:
    'excluding|exclude|except|except for|without|other than|not in|not from|outside|outside of|not including|leaving out|leave out|but not|non|ignoring|apart from|excl|not counting|besides|minus',
  including: 'including',
  only: 'only|just|solely|nothing but',
  which: 'which|what are the|what is the|what was the|what were the|what',
  who: 'who|whom',
  where: 'where',
  when: 'when',
  'how-many': 'how many|number of|count of|count|total number of|no of|amount of',
  'how-much': 'how much',
  list: 'list|list all|enumerate|name|show all|give me all|names of|list of|show me all|the names of|details of',
  show: 'show|give|display|see|find|get|tell',
  share:
    'share|share of|percentage|percentage of|percent|percent of|proportion|proportion of|fraction of|% of|%|contribution of|contribution|contribution to|mix|shares|percentages|portion of|portion|as share|as percentage|as a share|as a percentage|in percent|as percent|as shares|as percentages|relative share|contribute|contributes|contributed|accounts for|account for|accounted for',
  growth:
    'how fast|how quickly|percentage change|percent change|% change|percentage growth|percent growth|percentage increase|percentage decrease|percentage change in|growth|growth rate|growth in|change|changes|change in|rate of change|changed|growth of',
  rise: 'grow|grew|grown|growing|grows|increase|increased|increases|increasing|rise|rose|risen|rising|go up|went up|improve|improved|improving|improvement',
  fall: 'decline|declined|declining|declines|decrease|decreased|decreases|decreasing|drop|dropped|drops|dropping|fall|fell|fallen|falling|shrink|shrank|shrunk|shrinking|go down|went down|dip|dipped|worsen|worsened',
  fastest: 'fastest|quickest|strongest growing|most quickly',
  yoy: 'yoy|year over year|year on year|annual growth|yearly growth|from a year ago|from a year earlier|than a year ago|a year ago|vs same period last year|year ago|vs last years|same period last year|the same period last year|same period of last year|same period of the previous year|same period in the previous year|same quarter last year|the same quarter last year|same quarter of the previous year|same quarter a year ago|same month last year|the same month last year|same month of the previous year|same quarter of last year|same month of last year|a year earlier|year before|the year before|annual growth rate|yearly growth rate|same period a year ago|same quarter a year earlier|same period the year before|same quarter the year before|same month the year before|same period previous year|same quarter previous year',
  'previous-period':
    'previous period|prior period|period before|the previous period|period over period|the period before|preceding period|the quarter before|quarter before|the month before|month before|previous one|the previous one|the one before',
  mom: 'mom|month over month|month on month|month to month',
  qoq: 'qoq|quarter over quarter|quarter on quarter|quarter to quarter',
  wow: 'week over week|week on week|wow',
  'day-over-day': 'day over day|day on day',
  trend:
    'trend|trends|over time|evolution|evolve|evolved|develop|developed|development|trajectory|time series|timeline|progression|progress|trending|historical|history of|over the years|through time',
  cumulative: 'cumulative|running total|accumulated|running total of|cumulatively|accumulate',
  average: 'average|avg|mean|on average|typical|average of|averaged|the average of',
  total:
    'total|overall|sum|sum of|in total|altogether|combined|aggregate|grand total|together|whole company|company wide|companywide|worldwide|globally|global',
  instead: 'instead|rather',
  also: 'also|additionally|too|in addition',
  add: 'add|include',
  'what-about':
    'what about|how about|and what about|and how about|same for|the same for|now for|same thing for|same question for|same but for|do the same for',
  drill:
    'drill down|drill down by|drill down to|drill into|drill down into|break it down|break it down by|break that down|break that down by|break this down|break this down by|break them down by|break down|split it|split it by|split that by|split them by|further by|further|split|breakdown|zoom in|zoom into|break these down by|break out by|drill',
  reset:
    'reset|start over|remove the filter|remove filter|remove filters|remove all filters|clear filters|without the filter|without filter|all data',
  'more-than':
    'more than|greater than|exceeding|larger than|bigger than|higher than|over|above|>|worth more than|of more than|upwards of',
  'at-least': 'at least|>=|a minimum of|no less than|not less than',
  'less-than': 'less than|fewer than|smaller than|lower than|under|below|<|worth less than|cheaper than',
  'at-most': 'at most|<=|no more than|not more than|a maximum of',
  sorted: 'sorted by|ordered by|sort by|order by|ranked by|rank by|ranking|ranking of|rank|ranked|sorted|sort',
  ascending: 'ascending|lowest first|from low to high|low to high',
  descending: 'descending|highest first|from high to low|high to low|largest first|biggest first',
  latest: 'latest|most recent|newest|recent',
  earliest: 'earliest|oldest',
  why: 'why|reason why|explain|cause|causes|caused|root cause|what drove|what drives|driver|drivers|driving|because',
  forecast: 'forecast|forecasts|predict|prediction|projected|projection|expect|expected|will|estimate|going to',
  vague:
    'performance|business|perform|performed|performing|performs|doing|results|kpi|kpis|metrics|insights|situation|health|status|going|things|stuff|interesting|happened|happening|activity',
  pronoun: 'it|them|they|those|these|this',
  not: 'not|no|never|none|nobody|neither|nor',
  sold: 'sold|sell|sells|selling',
  bought: 'bought|buy|buys|purchased|ordered|placed orders|placed an order|ordering|spent|spend|bought from us',
  churned:
    'churned|churns|churning|left|leave|leaving|leaves|cancelled|canceled|quit|lost|lose|losing|left us|have left',
  'signed-up':
    'new|signed up|joined|sign up|join|acquired|acquire|won|win|gained|gain|subscribed|signed|signing up|registered|onboarded',
  active: 'active|still active|current|currently active|still with us|still there|existing',
  'returned-by':
    'sent back|came back|were returned|was returned|are returned|get returned|got returned|being returned|been returned|is returned',
  value: 'value|worth',
} as const
export type Operator = keyof typeof operators

/** May be passed over wherever they stand; some rules look for them. */
export const prepositions =
  'of|in|with|for|from|to|on|at|within|during|among|amongst|between|through|via|via the|into|throughout|as|come from|comes from|came from|coming from|come through|came through|comes through|going to|belong to|under the|to the|is from|are from|was from|were from|are in|is in|was in|were in|are on|is on|were on|was on|fall in|falls in|are located in|are based in|located in|based in|made up by|made by|generated by|generated in|attributed to|attributable to|placed through|sold through|made through'

/** Say nothing about the data. */
export const fillers =
  'a|an|the|please|me|my|i|you|your|we|us|our|ours|he|she|is|are|was|were|be|been|being|am|do|does|did|have|has|had|can|could|would|should|may|might|want|wanted|like|need|needs|hello|hi|hey|thanks|thank|ok|okay|so|then|there|here|some|any|such|kindly|quick|quickly|question|answer|know|look|looks|looking|looked|view|create|make|made|build|prepare|generate|generated|produce|put|draw|plot|visualize|visualise|chart|charts|graph|graphs|diagram|slide|slides|deck|report|presentation|dashboard|overview|basic overview|basic summary|basic facts|basic question|summary|summarize|summarise|analysis|analyze|analyse|pie chart|bar chart|line chart|as a chart|as a table|in a table|as table|as chart|as a graph|as a line chart|as a bar chart|as a pie chart|in a chart|table of|chart of|data|figures|figure|numbers|stats|statistics|terms|regarding|concerning|respect|company|firm|organization|organisation|us dollars|got|gotten|receive|received|achieve|achieved|earn|earned|record|recorded|book|booked|bring|brought|bring in|brought in|reach|reached|happen|place|placed|occur|occurred|occurring|exist|exists|whose|that|who have|that have|which have|who has|exactly|actually|currently|right now|at the moment|as of now|again|well|really|basically|roughly|approximately|about|around|distribution|distribution of|breakdown of|split of|composition of|structure of|:|.|?|!|"|\'|(|)|-|distributed|given|granted|gave|gives|brings|brings in|money|offer|offered|grant|let|now|yet|already|s|vary|varies|varied|differ|differs|differed|own|range|shown|showing|how|dear|genie|bot|could you|run|use|used|made of|sales team|ever seen|make up|made up|coming|come|comes|came'

function each<T>(words: string, value: T): Record<string, T> {
  return Object.fromEntries(words.split('|').map((word) => [word, value]))
}
