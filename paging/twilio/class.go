package twilio

import (
	"net/http"

	"github.com/astreinte/astreinte/paging"
)

// meaning is what one of Twilio's codes means for a page.
type meaning struct {
	class paging.Class
	text  string // for receipts, which carry a number only
}

// codes is the whole table (docs/OPERATIONS.md#twilios-errors; twilio.com/docs/errors).
var codes = map[int]meaning{
	// This number gets no SMS from us: try the next number, the next channel, the
	// next person.
	21211: {paging.DeadAddress, "invalid number"},
	21214: {paging.DeadAddress, "number cannot be reached"},
	21217: {paging.DeadAddress, "invalid number"},
	21265: {paging.DeadAddress, "number is a short code"},
	21266: {paging.DeadAddress, "number is our own"},
	21408: {paging.DeadAddress, "region not enabled"},
	21604: {paging.DeadAddress, "no number"},
	21610: {paging.DeadAddress, "unsubscribed (STOP)"},
	21612: {paging.DeadAddress, "number cannot be reached from our sender"},
	21614: {paging.DeadAddress, "not a mobile number"},
	30004: {paging.DeadAddress, "blocked"},
	30005: {paging.DeadAddress, "unknown handset"},
	30006: {paging.DeadAddress, "landline or unreachable carrier"},

	// The number does not matter: it is our credentials, account or sender, or a
	// bug of ours.
	20003: {paging.DeadAccount, "not authenticated"},
	20004: {paging.DeadAccount, "method not allowed"},
	20005: {paging.DeadAccount, "account not active"},
	20006: {paging.DeadAccount, "access denied"},
	20008: {paging.DeadAccount, "test credentials"},
	20404: {paging.DeadAccount, "account or address of the API not found"},
	21212: {paging.DeadAccount, "invalid sender"},
	21602: {paging.DeadAccount, "empty text"},
	21603: {paging.DeadAccount, "no sender"},
	21605: {paging.DeadAccount, "text too long"},
	21606: {paging.DeadAccount, "sender cannot send SMS"},
	21607: {paging.DeadAccount, "trial account: sandbox sender wanted"},
	21608: {paging.DeadAccount, "trial account: number not verified"},
	21609: {paging.DeadAccount, "callback not accepted: public_url"},
	21617: {paging.DeadAccount, "text too long"},
	21624: {paging.DeadAccount, "invalid validity period"},
	21660: {paging.DeadAccount, "sender is another account's"},
	21701: {paging.DeadAccount, "messaging service does not exist"},
	21703: {paging.DeadAccount, "messaging service has no numbers"},
	21704: {paging.DeadAccount, "messaging service has no numbers"},
	21705: {paging.DeadAccount, "invalid messaging service"},
	30002: {paging.DeadAccount, "account suspended"},
	30023: {paging.DeadAccount, "daily limit reached"},
	30024: {paging.DeadAccount, "sender not provisioned at the carrier"},
	30027: {paging.DeadAccount, "daily limit reached"},
	30032: {paging.DeadAccount, "toll-free sender not verified"},
	30034: {paging.DeadAccount, "sender not registered"},
	90007: {paging.DeadAccount, "invalid validity period"},

	// The same text would be filtered again.
	30007: {paging.Filtered, "filtered"},

	// Not taken, or not delivered for a reason that will pass.
	14107:           {paging.Transient, "message rate limit"},
	tooManyRequests: {paging.Transient, "too many requests"},
	20500:           {paging.Transient, "internal error"},
	20503:           {paging.Transient, "service unavailable"},
	21611:           {paging.Transient, "queue full"},
	30001:           {paging.Transient, "queue overflow"},
	30003:           {paging.Transient, "unreachable handset"}, // worth one more try, while others are paged
	30008:           {paging.Transient, "unknown error"},
	30017:           {paging.Transient, "carrier congested"},
	30021:           {paging.Transient, "internal error"},
	30022:           {paging.Transient, "rate limit"},
	30036:           {paging.Transient, "expired in Twilio's queue"},
	30410:           {paging.Transient, "carrier timed out"},
	63018:           {paging.Transient, "rate limit"},
}

// tooManyRequests is Twilio's own code for a 429.
const tooManyRequests = 20429

// Classify sorts a refusal. code is Twilio's, 0 if it gave none. httpStatus is
// the answer's, 0 for the ErrorCode of a receipt.
//
// If the table does not have the code, a receipt is Transient, like Twilio's
// own "unknown error" (30008). The phone may well take the next SMS, and a
// permanent failure would end this channel for the episode. An answer is then
// sorted by its status. 429 and 5xx are Transient. 401, 402, 403, 404, 405,
// 415 and redirects are DeadAccount: they depend on us, not on the number. Any
// other 4xx is DeadAddress: the same request would be refused again, somebody
// else is paged at once, and only this one number is judged.
func Classify(code, httpStatus int) paging.Class {
	if m, known := codes[code]; known {
		return m.class
	}
	if httpStatus == 0 {
		return paging.Transient
	}
	return byStatus(httpStatus)
}

// isKnown reports whether a code is in the table.
func isKnown(code int) bool {
	_, known := codes[code]
	return known
}

func byStatus(status int) paging.Class {
	switch status {
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly, http.StatusTooManyRequests:
		return paging.Transient
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusNotFound,
		http.StatusMethodNotAllowed, http.StatusUnsupportedMediaType:
		return paging.DeadAccount
	}
	switch {
	case status >= 500:
		return paging.Transient
	case status >= 400:
		return paging.DeadAddress
	case status >= 300:
		return paging.DeadAccount
	}
	return paging.OutcomeUnknown // 1xx and 2xx are no refusal
}
