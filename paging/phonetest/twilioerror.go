package phonetest

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// twilioTexts are the messages of Twilio's errors (twilio.com/docs/errors); %s
// is the number, address or path that it is about.
var twilioTexts = map[int]string{
	14107: "Message rate limit exceeded",
	20001: "Bad request",
	20003: "Authenticate",
	20404: "The requested resource %s was not found",
	20429: "Too Many Requests",
	20500: "An internal server error has occurred",
	20503: "Service Unavailable",
	21211: "Invalid 'To' Phone Number: %s",
	21408: "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: %s",
	21602: "Message body is required.",
	21603: "A 'From' phone number is required.",
	21604: "A 'To' phone number is required.",
	21606: "The 'From' phone number %s is not a valid message-capable Twilio phone number for this account",
	21608: "The number %s is unverified. Trial accounts cannot send messages to unverified numbers",
	21609: "Invalid 'StatusCallback' URL: %s",
	21610: "Attempt to send to unsubscribed recipient",
	21611: "This 'From' number has exceeded the maximum number of queued messages",
	21612: "Message cannot be sent with the current combination of 'To' (%s) and 'From' parameters",
	21614: "'To' number is not a valid mobile number: %s",
	21617: "The concatenated message body exceeds the 1600 character limit.",
	21701: "The Messaging Service %s does not exist",
	30001: "Queue overflow",
	30002: "Account suspended",
	30003: "Unreachable destination handset",
	30004: "Message blocked",
	30005: "Unknown destination handset",
	30006: "Landline or unreachable carrier",
	30007: "Message filtered",
	30008: "Unknown error",
	30022: "US A2P 10DLC - Rate Limits Exceeded",
	30034: "US A2P 10DLC - Message from an Unregistered Number",
}

// twilioText returns an error's message.
func twilioText(code int, about string) string {
	text, known := twilioTexts[code]
	if !known {
		return "Error " + strconv.Itoa(code)
	}
	if strings.Contains(text, "%s") {
		return fmt.Sprintf(text, about)
	}
	return text
}

// twilioStatus returns the HTTP status of an error, if the fault names none.
func twilioStatus(code int) int {
	switch code {
	case 20003:
		return http.StatusUnauthorized
	case 20404:
		return http.StatusNotFound
	case 20429, 14107:
		return http.StatusTooManyRequests
	case 20500:
		return http.StatusInternalServerError
	case 20503:
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}

// twilioError is an error of Twilio's API; status 0 is the code's own.
func twilioError(status, code int, about string) answer {
	if status == 0 {
		status = twilioStatus(code)
	}
	a := jsonAnswer(status, struct {
		Code     int    `json:"code"`
		Message  string `json:"message"`
		MoreInfo string `json:"more_info"`
		Status   int    `json:"status"`
	}{code, twilioText(code, about), fmt.Sprintf("https://www.twilio.com/docs/errors/%d", code), status})
	a.code = strconv.Itoa(code)
	return a
}
