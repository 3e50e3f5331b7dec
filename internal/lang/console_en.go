package lang

import "github.com/astreinte/astreinte/internal/ticket"

var consoleEnglish = Console{
	Now: "Now", Tickets: "Tickets", OnCall: "On call", People: "People", Sources: "Sources", Health: "Health", MyPage: "My page", SignOut: "Sign out",
	Skip: "Skip to the content", Main: "Main", ZoneNote: "Times are of {zone}. As of {at}.",
	Stale: "What is shown is {ago} old: the pager cannot be reached.", Away: "Connecting again…", Reload: "Reload",
	NotFound: "There is nothing here", NotFoundText: "The address is wrong, or what it led to is gone.",
	Forbidden: "That is not for your role", ForbiddenText: "Somebody with another role can do it.",
	BadRequest: "That cannot be read", BadRequestText: "Go back, correct it, and try again.",
	StoreDown: "The pager cannot answer now", StoreDownText: "Whether anything was done is not known. Paging goes on. Try again in a moment.",
	SignedOut: "You are not signed in", SignedOutText: "Sign in again to go on.",
	Gone: "It is over",

	AsksNow: "Asks for somebody", NobodyNow: "Nothing asks for anybody.", TakenNow: "Taken", NoneTaken: "Nothing is taken.",
	Until: "until {at}", Next: "then {who}", Always: "always", Nobody: "nobody",
	PagerWell: "The pager is well.", PagerWrong: "Something is wrong with the pager", SeeHealth: "See health",
	Compared: "There are many. Of each urgency the newest {n} are compared.", MoreOpen: "{n} more open", MoreTaken: "{n} more taken",
	Take: "I take it",

	Lacks: map[ticket.Missing]string{
		ticket.MissingClosed: "The archive is away: only open tickets are here.",
		ticket.MissingRecent: "The archive is behind: some tickets may be shown as they were.",
	},
	Search: "Search", Words: "Words", WordsHint: "number, title, customer, notes", Apply: "Show", Clear: "Show all",
	State: "State", Urgency: "Urgency", Customer: "Customer", Assignee: "Assigned to",
	Anybody: "anybody", Any: "any", Since: "Opened since", UntilDay: "Opened before",
	None: "No ticket is like that.", Found: "{n} on this page", More: "More", First: "Back to the newest",
	TakeChosen: "I take those chosen", ChooseAll: "Choose all", Choose: "Choose {number}",
	Saved: "Saved filters", SaveAs: "Save this filter as", Save: "Save", Forget: "Forget {name}", ManySaved: "You have as many saved filters as one may. Forget one first.",
	BulkDone: "Taken: {n}.", BulkLeft: "Left as they were, because somebody has them or they are over: {n}.", BulkNone: "None was chosen.",
	Keys: "Keys", KeyNext: "next", KeyBack: "back", KeyOpen: "open", KeyTake: "take", KeySearch: "search", KeyHelp: "this help",
	States: map[ticket.State]string{
		ticket.Open: "open", ticket.Acknowledged: "taken", ticket.InProgress: "being worked on", ticket.StateResolved: "resolved", ticket.Closed: "closed",
	},
	Opened: "Opened", GTI: "GTI", Title: "What", Number: "Number",

	Paged: "Who was paged", NobodyPaged: "Nobody was paged.", By: "by", At: "at", Arrived: "arrived {at}",
	PageStates: map[ticket.PageState]string{
		ticket.PageQueued: "waits", ticket.PageSending: "is being sent", ticket.PageSent: "sent, no receipt", ticket.PageDelivered: "arrived",
		ticket.PageUndelivered: "did not arrive", ticket.PageFailed: "failed", ticket.PageUnknown: "not known", ticket.PageBundled: "sent with others",
		ticket.PageCancelled: "not needed any more",
	},
	Kinds: map[ticket.Kind]string{ticket.Incident: "trouble", ticket.Request: "request"},
	Kind:  "Kind", Policy: "Policy", Contract: "Contract", Source: "Source",
	Assign: "Assign", AssignTo: "Assign to", Reopen: "Open again", Close: "Close",
	MoreActions: "More", ReopenSure: "Open it again: paging starts.", CloseSure: "Close it: its links end.",
	Damaged: "{n} parts of it cannot be read and are left out.", LeftOut: "{n} lines had no room and were left out.",
	UTC: "UTC", OnlyLook: "Your role may look, not act.",
	Messages: map[string]string{"pause": "The clock rests.", "resume": "The clock goes on.", "clock": "Nothing was done: the clock cannot rest, or go on, so.", "qualify": "Saved.", "unchanged": "Nothing was changed.", "opened": "The ticket is open.", "assign": "Assigned.", "reopen": "Open again: paging starts.", "close": "Closed.", "forbidden": "That is not for your role."},

	Group: "Group", Person: "Person", Month: "Month", Earlier: "Earlier", Later: "Later", Today: "Today", Changes: "Change",
	MonthNames: map[string]string{
		"1": "January", "2": "February", "3": "March", "4": "April", "5": "May", "6": "June",
		"7": "July", "8": "August", "9": "September", "10": "October", "11": "November", "12": "December",
	},
	DayNames: map[string]string{"1": "Mon", "2": "Tue", "3": "Wed", "4": "Thu", "5": "Fri", "6": "Sat", "0": "Sun"},

	Numbers: "Numbers", Devices: "Devices", NoNumber: "No number is configured.", NoDevice: "No device is registered.", Language: "Language",
	Role: "Role", Email: "Mail", Test: "Send a test page", TestAll: "by every way", Try: "Test", TestBy: "by {channel}", LastTest: "Last test page",
	NeverTested: "No test page was sent yet.", Proven: "proven", Unproven: "unproven for 30 days", ProvenAt: "last proof {at}",
	Remove: "Remove", Registered: "registered {at}", Signing: "Sessions and passkeys",
	Roles:     map[string]string{"reader": "reader", "technician": "technician", "manager": "manager", "admin": "admin"},
	Platforms: map[string]string{"android": "Android", "ios": "iOS", "web": "Web"},
	Languages: map[string]string{"fr": "French", "en": "English", "it": "Italian"},
	NoWay:     "There is no number and no device to try.", TooMany: "That were many test pages. Wait a few minutes.",

	TestHeard: "test message",
	LastHeard: "Last word", NeverHeard: "nothing known", Refused: "refused", Silent: "silent",
	TicketsOpen: "Tickets", Bound: "At its bound", Type: "Type",
	Well: "well", Trouble: "trouble", Provider: "Provider", Channel: "Channel",
	Store: "Store", Queue: "Pages that wait", Oldest: "the oldest for {ago}", Late: "Late deadlines", Doubts: "Doubts of check",
	Warnings: "Warnings", Unread: "cannot be read", Version: "Version", Reason: "Why",
	NoTrouble: "Nothing.",
	Troubles:  map[string]string{"store": "The store cannot be written: new alerts may not be taken.", "provider": "{name} ({channel}) fails.", "source": "The source {name} is refused since {at}: its alerts do not get in.", "waits": "A page has waited for {ago}.", "warnings": "There are warnings."},

	Wall: "Wall", WallSound: "Sound when something opens", WallNew: "Make an address for a wall", WallAddress: "It is shown once. Whoever has it sees titles, customers and who is on call.",
	WallRevoke: "Revoke", WallText: "Addresses for walls", OpenNow: "open",
}
