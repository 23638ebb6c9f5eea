"""Every number and date in the sample corpus, once.

Planet, moon and ring values follow the NASA planetary fact sheets (NSSDCA, Goddard Space Flight Center); mission
dates are UTC and follow NASA's mission pages; Apollo sample masses follow the Lunar and Planetary Institute.
"""

from dataclasses import dataclass

AU = 149.6  # 10^6 km: the Earth's mean distance from the Sun
SUN_DIAMETER = 1_391_400  # km
MOONS_COUNTED = "March 2024"  # later counts are higher: surveys go on


@dataclass(frozen=True, slots=True)
class Planet:
    name: str
    diameter: int  # km, at the equator
    mass: float  # 10^24 kg
    density: int  # kg/m^3
    gravity: float  # m/s^2
    escape: float  # km/s
    day: float  # hours, rotation against the stars; negative = retrograde
    distance: float  # 10^6 km from the Sun, mean
    perihelion: float  # 10^6 km
    aphelion: float  # 10^6 km
    year: float  # days
    eccentricity: float
    tilt: float  # degrees
    temperature: int  # degrees C, mean (at 1 bar for the giants)
    moons: int  # as of MOONS_COUNTED
    air: str  # main gases by volume

    @property
    def au(self) -> float:
        return self.distance / AU


PLANETS = (
    Planet(
        "Mercury", 4879, 0.330, 5429, 3.7, 4.3, 1407.6, 57.9, 46.0, 69.8, 88.0, 0.206, 0.03, 167, 0,
        "almost none (traces of oxygen, sodium, hydrogen)",
    ),
    Planet(
        "Venus", 12104, 4.87, 5243, 8.9, 10.4, -5832.5, 108.2, 107.5, 108.9, 224.7, 0.007, 177.4, 464, 0,
        "96.5% carbon dioxide, 3.5% nitrogen",
    ),
    Planet(
        "Earth", 12756, 5.97, 5514, 9.8, 11.2, 23.9, 149.6, 147.1, 152.1, 365.2, 0.017, 23.4, 15, 1,
        "78.1% nitrogen, 20.9% oxygen",
    ),
    Planet(
        "Mars", 6792, 0.642, 3934, 3.7, 5.0, 24.6, 228.0, 206.7, 249.3, 687.0, 0.094, 25.2, -65, 2,
        "95% carbon dioxide, 2.6% nitrogen, 1.9% argon",
    ),
    Planet(
        "Jupiter", 142984, 1898, 1326, 23.1, 59.5, 9.9, 778.5, 740.6, 816.4, 4331, 0.049, 3.1, -110, 95,
        "90% hydrogen, 10% helium",
    ),
    Planet(
        "Saturn", 120536, 568, 687, 9.0, 35.5, 10.7, 1432.0, 1357.6, 1506.5, 10747, 0.052, 26.7, -140, 146,
        "96% hydrogen, 3% helium",
    ),
    Planet(
        "Uranus", 51118, 86.8, 1270, 8.7, 21.3, -17.2, 2867.0, 2732.7, 3001.4, 30589, 0.047, 97.8, -195, 28,
        "83% hydrogen, 15% helium, 2% methane",
    ),
    Planet(
        "Neptune", 49528, 102, 1638, 11.0, 23.5, 16.1, 4515.0, 4471.1, 4558.9, 59800, 0.010, 28.3, -200, 16,
        "80% hydrogen, 19% helium, 1.5% methane",
    ),
)  # fmt: skip
PLANET = {planet.name: planet for planet in PLANETS}


@dataclass(frozen=True, slots=True)
class Moon:
    name: str
    planet: str
    diameter: int  # km, mean
    distance: float  # 10^3 km from its planet
    period: float  # days
    discoverer: str
    discovered: int | None  # year; None for the Moon


MOONS = (
    Moon("Ganymede", "Jupiter", 5262, 1070.4, 7.155, "Galileo Galilei", 1610),
    Moon("Titan", "Saturn", 5149, 1221.9, 15.945, "Christiaan Huygens", 1655),
    Moon("Callisto", "Jupiter", 4821, 1882.7, 16.689, "Galileo Galilei", 1610),
    Moon("Io", "Jupiter", 3643, 421.8, 1.769, "Galileo Galilei", 1610),
    Moon("Moon", "Earth", 3475, 384.4, 27.322, "known since prehistory", None),
    Moon("Europa", "Jupiter", 3122, 671.1, 3.551, "Galileo Galilei", 1610),
    Moon("Triton", "Neptune", 2707, 354.8, 5.877, "William Lassell", 1846),
    Moon("Enceladus", "Saturn", 504, 238.0, 1.370, "William Herschel", 1789),
)  # largest first
MOON = {moon.name: moon for moon in MOONS}


@dataclass(frozen=True, slots=True)
class Ring:
    name: str
    inner: int  # km from Saturn's centre
    outer: int

    @property
    def width(self) -> int:
        return self.outer - self.inner


RINGS = (
    Ring("D ring", 66900, 74510),
    Ring("C ring", 74658, 92000),
    Ring("B ring", 92000, 117580),
    Ring("Cassini Division", 117580, 122170),
    Ring("A ring", 122170, 136775),
)
SATURN_RADIUS = 60268  # km, at the equator

# Mars, degrees C: extremes from NASA's Mars facts, the mean from the fact sheet, the lander's days from Viking 1.
MARS_TEMPERATURES = (
    ("Equator, summer noon (highest)", 20),
    ("Viking 1 lander, warmest of the day", -31),
    ("Whole planet, mean", PLANET["Mars"].temperature),
    ("Viking 1 lander, coldest of the night", -89),
    ("Winter pole (lowest)", -153),
)

# Largest apparent size from the Earth, arcseconds (fact sheets, "maximum apparent diameter").
APPARENT_SIZE = {
    "Mercury": 13.0,
    "Venus": 66.0,
    "Mars": 25.6,
    "Jupiter": 50.1,
    "Saturn": 20.1,
    "Uranus": 4.1,
    "Neptune": 2.4,
}
# What it takes to see each planet, and how it shows itself.
SEEN_WITH = {
    "Mercury": ("naked eye", "low in twilight, never far from the Sun"),
    "Venus": ("naked eye", "the brightest planet; shows phases in a small telescope"),
    "Mars": ("naked eye", "red; best around opposition, every 26 months"),
    "Jupiter": ("naked eye", "binoculars show its four large moons"),
    "Saturn": ("naked eye", "a small telescope shows the rings"),
    "Uranus": ("binoculars", "a pale blue-green point"),
    "Neptune": ("telescope", "a faint blue point"),
}


@dataclass(frozen=True, slots=True)
class Event:
    date: str  # day month year, UTC
    craft: str
    what: str

    @property
    def year(self) -> int:
        return int(self.date[-4:])


EVENTS = (
    Event("14 Dec 1962", "Mariner 2", "Flies past Venus: first visit to another planet"),
    Event("15 Jul 1965", "Mariner 4", "Flies past Mars: first close pictures"),
    Event("20 Jul 1969", "Apollo 11", "Eagle lands on the Moon, Sea of Tranquility"),
    Event("14 Nov 1971", "Mariner 9", "Enters orbit of Mars"),
    Event("20 Jul 1976", "Viking 1", "Lands on Mars, Chryse Planitia"),
    Event("20 Aug 1977", "Voyager 2", "Launch from Cape Canaveral"),
    Event("5 Sep 1977", "Voyager 1", "Launch from Cape Canaveral"),
    Event("5 Mar 1979", "Voyager 1", "Closest approach to Jupiter"),
    Event("9 Jul 1979", "Voyager 2", "Closest approach to Jupiter"),
    Event("12 Nov 1980", "Voyager 1", "Closest approach to Saturn"),
    Event("26 Aug 1981", "Voyager 2", "Closest approach to Saturn"),
    Event("24 Jan 1986", "Voyager 2", "Closest approach to Uranus"),
    Event("25 Aug 1989", "Voyager 2", "Closest approach to Neptune"),
    Event("14 Feb 1990", "Voyager 1", "Takes the Pale Blue Dot picture"),
    Event("15 Oct 1997", "Cassini", "Launch from Cape Canaveral"),
    Event("30 Dec 2000", "Cassini", "Flies past Jupiter"),
    Event("1 Jul 2004", "Cassini", "Enters orbit of Saturn"),
    Event("14 Jan 2005", "Huygens", "Lands on Titan"),
    Event("18 Mar 2011", "MESSENGER", "Enters orbit of Mercury"),
    Event("6 Aug 2012", "Curiosity", "Lands on Mars, Gale crater"),
    Event("25 Aug 2012", "Voyager 1", "Enters interstellar space"),
    Event("14 Jul 2015", "New Horizons", "Flies past Pluto"),
    Event("5 Jul 2016", "Juno", "Enters orbit of Jupiter"),
    Event("15 Sep 2017", "Cassini", "Ends in the atmosphere of Saturn"),
    Event("5 Nov 2018", "Voyager 2", "Enters interstellar space"),
    Event("18 Feb 2021", "Perseverance", "Lands on Mars, Jezero crater"),
)


@dataclass(frozen=True, slots=True)
class Landing:
    mission: str
    date: str
    site: str
    samples: float  # kg of rock and soil brought back


LANDINGS = (
    Landing("Apollo 11", "20 Jul 1969", "Sea of Tranquility", 21.6),
    Landing("Apollo 12", "19 Nov 1969", "Ocean of Storms", 34.3),
    Landing("Apollo 14", "5 Feb 1971", "Fra Mauro", 42.3),
    Landing("Apollo 15", "30 Jul 1971", "Hadley Rille", 77.3),
    Landing("Apollo 16", "21 Apr 1972", "Descartes", 95.7),
    Landing("Apollo 17", "11 Dec 1972", "Taurus-Littrow", 110.5),
)
SAMPLES_TOTAL = 381.7  # kg


def event(craft: str, words: str) -> Event:
    """The one event of `craft` whose description holds `words`."""
    (found,) = [event for event in EVENTS if event.craft == craft and words in event.what]
    return found


def number(value: float) -> str:
    """A number as the corpus prints it: the source's digits, thousands apart."""
    return f"{value:,}"
