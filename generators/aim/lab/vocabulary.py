"""Words that the lab model was taught to answer with, and the questions it was asked in."""

LABELS_TEXT = """
apple arrow badge basin beach bead bell bench berry birch bloom boat bone book boot bowl branch bread brick bridge
brook brush bucket button cabin cable camel candle canvas cap card cart castle cave cedar chain chair chalk cheese
cherry chest cliff clock cloud clover coal coat comet coral cotton crane crown crystal cup dart deer dent desert desk
dice dove dragon drum dune eagle earth ember fan feather fern ferry field fig finch fire flag flame flint flower flute
fog forest fork fossil fox frog frost garden garlic gate ginger glass globe glove goat gold grape grass hammer harbor
harp hat hawk hazel heart hedge hill honey hook horn horse house ice iris iron island ivory ivy jacket jar jewel juniper
kettle key kite knot ladder lake lamp lantern leaf lemon lily lime linen lion lizard lock loom lotus lynx magnet mango
maple marble mask meadow melon mint mirror moon moss moth mountain mouse nail needle nest net nettle north nut oak oar
ocean olive onion orange orchid otter owl paddle palm panda paper peach pearl pebble pencil pepper piano pillow pine
pipe planet plum pocket pond pony poppy prism pumpkin quartz quill rabbit rain raven reed ribbon rice ring river robin
rocket roof root rope rose ruby saddle sail salt sand scarf scratch seal seed shell shield ship silk silver snail snow
spade spark spear spice spider spoon spring star steel stone storm stove straw sugar sun swan table tea temple thorn
thread thunder tiger timber torch tower train tree tulip tunnel turtle valley vase velvet vine violet wagon wall walnut
wave wheel whistle willow wind window wing wolf wool yarn zebra
good bad clean broken cracked smooth rough bent red green blue yellow black white round square left right yes no
one two three four five six seven eight nine ten
"""
LABELS = LABELS_TEXT.split()
QUESTIONS = (
    "which word ?",
    "what is this ?",
    "what is this called ?",
    "which word fits this picture ?",
    "which label belongs to this drawing ?",
    "name it .",
    "what is the word for this symbol ?",
)
