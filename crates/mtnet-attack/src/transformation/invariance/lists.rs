//! Names and places of one word that mean little else.

/// Common first names of women.
#[rustfmt::skip]
pub(super) const FEMALE_NAMES: &[&str] = &[
    "Adele", "Alice", "Amanda", "Amy", "Andrea", "Angela", "Anna", "Barbara", "Betty", "Carol",
    "Caroline", "Catherine", "Christina", "Cynthia", "Deborah", "Diana", "Donna", "Dorothy",
    "Elena", "Elizabeth", "Emily", "Emma", "Fatima", "Helen", "Irene", "Jane", "Janet", "Jennifer",
    "Jessica", "Julia", "Karen", "Katie", "Laura", "Linda", "Lisa", "Lucy", "Margaret", "Maria",
    "Martha", "Mary", "Melissa", "Michelle", "Monica", "Nancy", "Natalie", "Nicole", "Olivia",
    "Patricia", "Rachel", "Rebecca", "Samantha", "Sandra", "Sara", "Sarah", "Sharon", "Sophia",
    "Stephanie", "Susan", "Teresa", "Victoria",
];

/// Common first names of men.
#[rustfmt::skip]
pub(super) const MALE_NAMES: &[&str] = &[
    "Adam", "Ahmed", "Alan", "Albert", "Alexander", "Andrew", "Anthony", "Arthur", "Benjamin",
    "Brian", "Carlos", "Charles", "Christopher", "Daniel", "Dave", "David", "Dennis", "Donald",
    "Edward", "Eric", "Frank", "Gary", "George", "Gerald", "Gregory", "Harry", "Henry", "Jacob",
    "James", "Jason", "Jeffrey", "John", "Jonathan", "Joseph", "Joshua", "Justin", "Keith",
    "Kenneth", "Kevin", "Larry", "Matthew", "Michael", "Nicholas", "Oliver", "Patrick", "Paul",
    "Peter", "Philip", "Raymond", "Richard", "Robert", "Roger", "Ryan", "Samuel", "Scott",
    "Stephen", "Steven", "Thomas", "Timothy", "William",
];

/// Countries of one word.
#[rustfmt::skip]
pub(super) const COUNTRIES: &[&str] = &[
    "Algeria", "Argentina", "Australia", "Austria", "Belgium", "Bolivia", "Brazil", "Bulgaria",
    "Cambodia", "Canada", "China", "Colombia", "Croatia", "Cuba", "Denmark", "Ecuador", "Egypt",
    "Estonia", "Ethiopia", "Finland", "France", "Germany", "Ghana", "Greece", "Guatemala", "Hungary",
    "Iceland", "India", "Indonesia", "Ireland", "Israel", "Italy", "Jamaica", "Japan", "Kenya",
    "Latvia", "Lithuania", "Malaysia", "Mexico", "Morocco", "Nepal", "Netherlands", "Nigeria",
    "Norway", "Pakistan", "Paraguay", "Peru", "Philippines", "Poland", "Portugal", "Romania",
    "Russia", "Senegal", "Serbia", "Slovakia", "Slovenia", "Spain", "Sweden", "Switzerland",
    "Tanzania", "Thailand", "Tunisia", "Uganda", "Ukraine", "Uruguay", "Venezuela", "Vietnam",
];

/// Cities of one word.
#[rustfmt::skip]
pub(super) const CITIES: &[&str] = &[
    "Amsterdam", "Athens", "Atlanta", "Baltimore", "Bangkok", "Barcelona", "Beijing", "Berlin",
    "Boston", "Brussels", "Budapest", "Cairo", "Chicago", "Cleveland", "Copenhagen", "Dallas",
    "Denver", "Detroit", "Dubai", "Dublin", "Edinburgh", "Geneva", "Hamburg", "Helsinki", "Houston",
    "Istanbul", "Jakarta", "Lagos", "Lima", "Lisbon", "London", "Madrid", "Manila", "Melbourne",
    "Miami", "Milan", "Minneapolis", "Montreal", "Moscow", "Mumbai", "Munich", "Nairobi", "Oslo",
    "Paris", "Philadelphia", "Phoenix", "Pittsburgh", "Portland", "Prague", "Rome", "Sacramento",
    "Seattle", "Seoul", "Shanghai", "Stockholm", "Sydney", "Tokyo", "Toronto", "Vancouver",
    "Vienna", "Warsaw", "Zurich",
];
