/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/money.h"

/* Currencies by the decimals of their minor unit: those in use (ISO 4217, list
 * one), and former ones (list three), which old orders may have.  Codes that
 * only WooCommerce's get_woocommerce_currencies() (BTC, GGP, IMP, IRT, JEP,
 * PRB) or Shopify's CurrencyCode (JEP) has are in the table, too.  Except for
 * BTC, the codes of shops have two decimals, a shop's default. */
static const struct {
	int exponent;
	const char *codes;
} currencies[] = {
	{ 0,
	    "BIF BYR CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF "
	    "XPF" },
	{ 2, "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND "
	     "BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU "
	     "CUC EEK GGP HRK IMP IRT JEP LTL LVL MRO PRB SLL STD VEF ZMK ZWL "
	     "CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS "
	     "GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR "
	     "KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU "
	     "MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK "
	     "PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS "
	     "SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD "
	     "USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG" },
	{ 3, "BHD IQD JOD KWD LYD OMR TND" },
	{ 4, "CLF UYW" },
	{ 8, "BTC" },
};

int
currency_exponent(const char *code)
{
	if (strlen(code) != 3 || strchr(code, ' ') != NULL)
		return -1;
	for (size_t i = 0; i < NITEMS(currencies); i++)
		if (strstr(currencies[i].codes, code) != NULL)
			return currencies[i].exponent;
	return -1;
}

int
money_parse(struct str s, int exponent, int64_t *minor)
{
	bool negative = s.len > 0 && s.data[0] == '-';
	size_t i = negative ? 1 : 0;
	int decimals = -1; /* digits behind the dot so far; -1: no dot yet */
	bool round_up = false, digits = false;
	int64_t n = 0;

	assert(exponent >= 0);
	for (; i < s.len; i++) {
		int digit = s.data[i] - '0';

		if (s.data[i] == '.' && decimals == -1 && digits) {
			decimals = 0;
			continue;
		}
		if (digit < 0 || digit > 9)
			return -1;
		digits = true;
		if (decimals >= exponent) {
			if (decimals == exponent)
				round_up = digit >= 5;
			decimals = exponent + 1;
			continue;
		}
		if (decimals >= 0)
			decimals++;
		n = n * 10 + digit;
		if (n > MONEY_MAX)
			return -1;
	}
	if (!digits || s.data[s.len - 1] == '.')
		return -1;
	for (int d = decimals < 0 ? 0 : decimals; d < exponent; d++) {
		n *= 10;
		if (n > MONEY_MAX)
			return -1;
	}
	n += round_up;
	if (n > MONEY_MAX)
		return -1;
	*minor = negative ? -n : n;
	return 0;
}

void
money_format(int64_t minor, int exponent, char out[MONEY_TEXT_MAX])
{
	uint64_t n = minor < 0 ? -(uint64_t)minor : (uint64_t)minor;
	uint64_t unit = 1;

	for (int i = 0; i < exponent; i++)
		unit *= 10;
	if (exponent == 0)
		(void)snprintf(out, MONEY_TEXT_MAX, "%s%llu",
		    minor < 0 ? "-" : "", (unsigned long long)n);
	else
		(void)snprintf(out, MONEY_TEXT_MAX, "%s%llu.%0*llu",
		    minor < 0 ? "-" : "", (unsigned long long)(n / unit),
		    exponent, (unsigned long long)(n % unit));
}
