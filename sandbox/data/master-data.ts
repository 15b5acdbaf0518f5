/**
 * The invented company behind the sample data: it sells equipment for offices and meeting rooms, with service plans.
 * Its home market, the Nordics, is reported apart from EMEA. Every name and number here is made up.
 */

export interface RegionRecord {
  readonly region: string
  /** Orders on an average day of 2021. */
  readonly ordersPerDay: number
  /** Orders grow by this factor a year. APAC is the region that takes off. */
  readonly yearlyGrowth: number
  /** Countries with their share of the region's customers; adds up to 100. */
  readonly countries: Readonly<Record<string, number>>
}

export const regions: readonly RegionRecord[] = [
  {
    region: 'EMEA',
    ordersPerDay: 33,
    yearlyGrowth: 1.05,
    countries: {
      'United Kingdom': 24,
      Germany: 23,
      France: 16,
      Netherlands: 10,
      Spain: 8,
      Italy: 8,
      Poland: 5,
      'United Arab Emirates': 4,
      'South Africa': 2,
    },
  },
  {
    region: 'Americas',
    ordersPerDay: 36,
    yearlyGrowth: 1.08,
    countries: { 'United States': 66, Canada: 16, Brazil: 11, Mexico: 7 },
  },
  {
    region: 'APAC',
    ordersPerDay: 10,
    yearlyGrowth: 1.38,
    countries: { Japan: 32, Australia: 24, India: 20, Singapore: 13, 'South Korea': 11 },
  },
  {
    region: 'Nordics',
    ordersPerDay: 13,
    yearlyGrowth: 1.03,
    countries: { Sweden: 40, Denmark: 24, Norway: 20, Finland: 16 },
  },
]

export interface ProductRecord {
  readonly product: string
  readonly category: 'Hardware' | 'Accessories' | 'Furniture' | 'Software' | 'Services'
  /** US dollars in 2021; list prices rise by 3 % each January. */
  readonly price: number
  /** Cost as a share of the list price. */
  readonly costShare: number
  /** How often it is bought, against the other products. */
  readonly weight: number
  /** First year on sale. */
  readonly since: number
}

export const products: readonly ProductRecord[] = [
  { product: 'Atlas Laptop 14', category: 'Hardware', price: 1190, costShare: 0.71, weight: 70, since: 2021 },
  { product: 'Atlas Laptop 16', category: 'Hardware', price: 1690, costShare: 0.69, weight: 45, since: 2021 },
  { product: 'Orion Desktop', category: 'Hardware', price: 980, costShare: 0.74, weight: 35, since: 2021 },
  { product: 'Vega Monitor 27', category: 'Hardware', price: 340, costShare: 0.68, weight: 80, since: 2021 },
  { product: 'Vega Monitor 34', category: 'Hardware', price: 620, costShare: 0.66, weight: 40, since: 2021 },
  { product: 'Nova Tablet', category: 'Hardware', price: 540, costShare: 0.7, weight: 60, since: 2023 },
  { product: 'Pulse Headset', category: 'Accessories', price: 129, costShare: 0.44, weight: 95, since: 2021 },
  { product: 'Glide Mouse', category: 'Accessories', price: 49, costShare: 0.38, weight: 90, since: 2021 },
  { product: 'Tactile Keyboard', category: 'Accessories', price: 89, costShare: 0.41, weight: 85, since: 2021 },
  { product: 'Link Dock', category: 'Accessories', price: 189, costShare: 0.5, weight: 65, since: 2021 },
  { product: 'Clear Webcam', category: 'Accessories', price: 99, costShare: 0.43, weight: 60, since: 2021 },
  { product: 'Rise Standing Desk', category: 'Furniture', price: 690, costShare: 0.57, weight: 40, since: 2021 },
  { product: 'Ergo Chair', category: 'Furniture', price: 420, costShare: 0.53, weight: 55, since: 2021 },
  { product: 'Focus Lamp', category: 'Furniture', price: 75, costShare: 0.46, weight: 45, since: 2021 },
  { product: 'Assembly Table', category: 'Furniture', price: 1150, costShare: 0.6, weight: 15, since: 2021 },
  { product: 'SecureDesk Suite', category: 'Software', price: 240, costShare: 0.16, weight: 60, since: 2021 },
  { product: 'BoardFlow License', category: 'Software', price: 180, costShare: 0.14, weight: 55, since: 2021 },
  { product: 'CloudKeep Backup', category: 'Software', price: 120, costShare: 0.22, weight: 50, since: 2022 },
  { product: 'RoomPilot', category: 'Software', price: 310, costShare: 0.18, weight: 35, since: 2024 },
  { product: 'Onboarding Package', category: 'Services', price: 850, costShare: 0.48, weight: 20, since: 2021 },
  { product: 'Warranty Plus', category: 'Services', price: 150, costShare: 0.35, weight: 45, since: 2021 },
  { product: 'Training Day', category: 'Services', price: 1400, costShare: 0.52, weight: 12, since: 2021 },
]

/** The first day with orders; customers signed up from `firstSignup` on. */
export const firstOrderDate = '2021-01-01'
export const firstSignupDate = '2018-01-01'

/** Halves of invented company names: 96 × 100 different ones, and a number is added after that. */
export const nameStarts: readonly string[] =
  `Alder Amber Anchor Apex Arbor Aspen Aurora Avon Banner Basalt Beacon Birch Bluebell Bolder Bramble Bridge Bright
  Canyon Cardinal Castle Cedar Cinder Clover Cobalt Copper Coral Crest Crown Crystal Dale Delta Dune Eagle Ember Elm
  Falcon Fern Field Flint Forge Fox Garnet Glen Granite Grove Harbor Haven Hawk Hazel Heron Hill Indigo Iron Ivy Jade
  Juniper Keystone Lark Laurel Linden Lunar Maple Marble Meadow Merlin Mill Mint Moss North Oak Onyx Opal Orchid Otter
  Pearl Pebble Pine Quarry Quill Raven Reed Ridge River Robin Rowan Sable Sage Silver Slate Spruce Stone Summit Thistle
  Timber Vale Willow`
    .split(/\s+/)
    .slice(0, 96)
export const nameEnds: readonly string[] = (
  'brook bury cliff cross dale field ford forge gate grove hall harbor haven hill hurst land leaf mark mere mont ' +
  'point port ridge shore side stead stone ton ward water way well wick wood worth'
).split(' ')
export const nameTrades: readonly string[] = [
  'Logistics', 'Foods', 'Energy', 'Textiles', 'Media', 'Clinics', 'Motors', 'Robotics', 'Finance', 'Timber',
] // prettier-ignore
