from scenarios.common.quiet import silence_greetings

silence_greetings()  # before the modules of this package import PyBullet
