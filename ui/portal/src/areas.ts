/**
 * Provinces and cities by name, as a person from elsewhere is asked for them.
 *
 * Codes and Chinese names after GB/T 2260 as kept in `@vant/area-data` 2.1.0 (MIT), down to cities,
 * prefectures and the counties that a province governs itself. Latin names: pinyin without tones,
 * and the customary spelling where a name is not Chinese (Hohhot, Ürümqi, Lhasa). Taiwan, Hong Kong
 * and Macau are left out: whoever comes from there crossed the border control, and claims in that
 * group.
 */
import type { Language } from "@yanma/shared";
import areas from "./areas.json";

export interface Area {
  /** Six digits of GB/T 2260. */
  code: string;
  zh: string;
  en: string;
}

export interface Province extends Area {
  /** None for the four cities that are provinces of their own. */
  cities: readonly Area[];
}

/** The province whose page this is: whoever lives here declares no journey. */
const HOME = "350000";

const ALL: readonly Province[] = areas;

/** Every other province, in the order of the standard. */
export const OTHER_PROVINCES: readonly Province[] = ALL.filter(({ code }) => code !== HOME);

export function areaName(area: Area, language: Language): string {
  return language === "zh-CN" ? area.zh : area.en;
}

export function provinceOf(code: string): Province | undefined {
  return ALL.find((province) => province.code.slice(0, 2) === code.slice(0, 2));
}

/** "湖北省武汉市", "Wuhan, Hubei"; null for a code that is on no list here. */
export function placeName(code: string, language: Language): string | null {
  const province = provinceOf(code);
  if (!province) return null;
  const outer = areaName(province, language);
  const city = province.cities.find((each) => each.code === code);
  if (!city) return code === province.code ? outer : null;
  const inner = areaName(city, language);
  return language === "zh-CN" ? `${outer}${inner}` : `${inner}, ${outer}`;
}
