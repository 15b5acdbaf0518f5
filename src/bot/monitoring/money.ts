/** Money is counted in millionths of a dollar, as whole numbers that many processes can add to. */
const perDollar = 1_000_000

export const toMicroDollars = (usd: number): number => Math.round(usd * perDollar)
export const toDollars = (micro: number): number => micro / perDollar
