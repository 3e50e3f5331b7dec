package lang

import "github.com/astreinte/astreinte/internal/ticket"

// Console is the application for people who sign in. Templates name its
// fields.
type Console struct {
	// The frame of every page.
	Now, Tickets, OnCall, People, Sources, Health, MyPage, SignOut string
	Skip, Main, ZoneNote                                           string // ZoneNote: the zone, and when the page was made
	Stale, Away, Reload                                            string // Stale: how long ago
	NotFound, NotFoundText                                         string
	Forbidden, ForbiddenText                                       string
	BadRequest, BadRequestText                                     string
	StoreDown, StoreDownText                                       string
	SignedOut, SignedOutText                                       string
	Gone                                                           string

	// Now.
	AsksNow, NobodyNow, TakenNow, NoneTaken string
	Until, Next, Always, Nobody             string
	PagerWell, PagerWrong, SeeHealth        string
	Compared, MoreOpen, MoreTaken           string // Compared: how many of each urgency; the others: how many
	Take                                    string

	// The list and its filters.
	Search, Words, WordsHint, Apply, Clear string
	State, Urgency, Customer, Assignee     string
	Anybody, Any, Since, UntilDay          string
	None, Found, More, First               string // Found: how many on the page
	TakeChosen, ChooseAll, Choose          string // Choose: which ticket
	Saved, SaveAs, Save, Forget, ManySaved string
	BulkDone, BulkLeft, BulkNone           string // how many
	Keys, KeyNext, KeyBack, KeyOpen        string
	KeyTake, KeySearch, KeyHelp            string
	States                                 map[ticket.State]string
	Lacks                                  map[ticket.Missing]string // what a list lacks
	Opened, GTI, Title, Number             string

	// A ticket.
	Paged, NobodyPaged, By, At, Arrived string
	PageStates                          map[ticket.PageState]string
	Kinds                               map[ticket.Kind]string
	Kind, Policy, Contract, Source      string
	Assign, AssignTo, Reopen, Close     string
	MoreActions, ReopenSure, CloseSure  string
	Damaged, LeftOut                    string // how many
	UTC                                 string
	OnlyLook                            string
	Messages                            map[string]string // what came of an action, if the link's page does not have it

	// On call.
	Group, Person, Month, Earlier, Later, Today string
	Changes                                     string
	MonthNames                                  map[string]string
	DayNames                                    map[string]string

	// People.
	Numbers, Devices, NoNumber, NoDevice, Language string
	Role, Email, Test, TestAll, TestBy, LastTest   string
	Try                                            string // a test page to one device
	NeverTested, Proven, Unproven, ProvenAt        string // ProvenAt: when
	Remove, Registered, Signing                    string
	Roles                                          map[string]string
	Platforms                                      map[string]string
	Languages                                      map[string]string
	NoWay, TooMany                                 string

	// Sources and health.
	LastHeard, NeverHeard, Refused, Silent string
	TestHeard                              string // before when a test message came
	TicketsOpen, Bound, Type               string
	Well, Trouble, Provider, Channel       string
	Store, Queue, Oldest, Late, Doubts     string
	Warnings, Unread, Version, Reason      string
	NoTrouble                              string
	Troubles                               map[string]string

	// The wall.
	Wall, WallSound, WallNew, WallAddress, WallRevoke, WallText string
	OpenNow                                                     string
}
