package paging

import (
	"slices"
	"strconv"
	"strings"
)

// otherCode stands in metrics for every code that is not known beforehand.
const otherCode = "other"

// ourCodes are those that we give if a provider gives none.
var ourCodes = []string{
	"connect", "connection_lost", "timeout", "dns", "cancelled", "template", "invalid_message",
	"no_token", "no_number", "no_device", circuitOpen,
	"oauth_failed", "oauth_timeout", "oauth_dns", "oauth_cancelled",
	"oauth_invalid_grant", "oauth_invalid_client", "oauth_unauthorized_client", "oauth_access_denied",
}

// ownStatuses are the statuses of HTTP that metrics tell apart; of the others
// the first digit counts.
var ownStatuses = []int{400, 401, 402, 403, 404, 408, 409, 413, 415, 422, 425, 429, 500, 502, 503, 504}

// codeLabel is a result's code as metrics name it. A provider that makes codes
// up makes no series.
func codeLabel(r Result) string {
	if r.Known || slices.Contains(ourCodes, r.Code) {
		return r.Code
	}
	before, status, ok := strings.Cut(r.Code, "http_")
	if !ok || (before != "" && before != "oauth_") {
		return otherCode
	}
	n, err := strconv.Atoi(status)
	switch {
	case err != nil, n < 100, n > 599:
		return otherCode
	case slices.Contains(ownStatuses, n):
		return before + HTTPCode(n)
	}
	return before + "http_" + strconv.Itoa(n/100) + "xx"
}
